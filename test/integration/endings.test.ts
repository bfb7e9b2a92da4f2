import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { count, House } from './house.js';

const gate = 'fixed: { mode: gate }';

describe.skipIf(!natsProgram)('endings', () => {
  it('SIGINT - trials go back to the queue, the sweep is stopped, and goes on later', async () => {
    const house = await House.build(4, gate);
    const coordinator = house.start();
    await house.until('two trials run', (trials) => count(trials, 'running') === 2);
    const { pid } = await house.nats();
    const { code, output } = await coordinator.kill('SIGINT');
    expect(code).toBe(130);
    expect(output).toMatch(/SIGINT: unfinished trials go back to the queue/);
    expect(output).toMatch(/the same command goes on with it/);
    expect(count(await house.trials(), 'queued')).toBeGreaterThanOrEqual(2);
    expect(await house.sweep()).toMatchObject({ state: 'stopped', reason: 'interrupted by SIGINT' });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    await house.openGate();
    expect((await house.start().ended).code).toBe(0);
    expect(count(await house.trials(), 'completed')).toBe(4);
    expect((await house.trials()).length).toBe(4);
  });

  it('SIGTERM - the same, with exit code 0', async () => {
    const house = await House.build(4, gate);
    const coordinator = house.start();
    await house.until('two trials run', (trials) => count(trials, 'running') === 2);
    expect((await coordinator.kill('SIGTERM')).code).toBe(0);
    expect((await house.sweep()).state).toBe('stopped');
    expect(count(await house.trials(), 'running')).toBe(0);
  });

  it('SIGTERM - waits for no nats-server that hangs, and the same command goes on', async () => {
    const house = await House.build(4, gate);
    const coordinator = house.start();
    await house.until('two trials run', (trials) => count(trials, 'running') === 2);
    process.kill(await house.natsPid(), 'SIGSTOP');
    expect((await coordinator.kill('SIGTERM')).code).toBe(0);
    expect((await house.sweep()).state).toBe('stopped');
    await house.openGate();
    expect((await house.start().ended).code).toBe(0);
    expect(count(await house.trials(), 'completed')).toBe(4);
  }, 240_000);

  it('stop - reaches the coordinator; what ran is cancelled, and tried again when it goes on', async () => {
    const house = await House.build(5, gate);
    const coordinator = house.start();
    await house.until('two trials run', (trials) => count(trials, 'running') === 2);
    const stop = await house.coordinator('stop', 'house').ended;
    expect(stop.errors).toBe('');
    expect(stop.code).toBe(0);
    expect((await coordinator.ended).code).toBe(0);
    expect(await house.sweep()).toMatchObject({
      state: 'stopped',
      reason: expect.stringMatching(/^stopped by a user \(.+@.+\)$/) as string,
    });
    expect(count(await house.trials(), 'cancelled')).toBe(2);
    await house.openGate();
    const { output, code } = await house.start().ended;
    expect(code).toBe(0);
    expect(output).toMatch(/2 that were cancelled or failed are tried again/);
    expect(count(await house.trials(), 'completed')).toBe(5);
  });

  it('stop - a sweep whose coordinator was killed is marked as stopped', async () => {
    const house = await House.build(4, gate);
    const coordinator = house.start('--no-worker');
    await house.sweep();
    await coordinator.kill();
    expect((await house.coordinator('stop', 'house').ended).code).toBe(0);
    expect((await house.sweep()).state).toBe('stopped');
    const again = await house.coordinator('stop', 'house').ended;
    expect(again.output).toMatch(/is stopped already/);
    const unknown = await house.coordinator('stop', 'horse').ended;
    expect(unknown.code).toBe(2);
    expect(unknown.errors).toMatch(/there is no sweep "horse"; did you mean "house"\?/);
  });

  it('lease - a second coordinator for the same sweep ends with 4 and names the first', async () => {
    const house = await House.build(4, gate);
    const first = house.start();
    await house.until('two trials run', (trials) => count(trials, 'running') === 2);
    const { code, errors } = await house.start().ended;
    expect(code).toBe(4);
    expect(errors).toMatch(new RegExp(`is run by the coordinator on .*, process ${first.pid}`));
    await house.openGate();
    expect((await first.ended).code).toBe(0);
    expect(count(await house.trials(), 'completed')).toBe(4);
  });

  it('budget - time ends the sweep; running and queued trials are cancelled with the reason', async () => {
    // Enough for a worker to start, on a busy machine too: without one no trial is planned.
    const house = await House.build(9, `${gate}\nbudget: { time: 12s }`);
    const { code, output } = await house.start().ended;
    // Nothing was completed within that time.
    expect(code).toBe(3);
    expect(output).not.toMatch(/rank/);
    const trials = await house.trials();
    expect(trials).not.toEqual([]);
    expect(count(trials, 'cancelled')).toBe(trials.length);
    expect(trials[0]?.reason).toBe('budget.time of 12 s is used up');
    expect((await house.sweep()).usage.seconds).toBeGreaterThanOrEqual(12);
  });

  it('budget - a goal that is reached ends the sweep with what has been found', async () => {
    const house = await House.build(400, "fixed: { mode: slow }\nbudget: { until: 'y >= 10' }");
    const { code, output } = await house.start().ended;
    expect(code).toBe(0);
    expect(output).toMatch(/is completed: trial 1\d has reached the goal y >= 10/);
    const trials = await house.trials();
    expect(trials.length).toBeLessThan(400);
    expect(count(trials, 'completed') + count(trials, 'cancelled')).toBe(trials.length);
  });
});

describe.skipIf(!natsProgram)('failures', () => {
  it('failures - a trial that crashed once is tried again and completes', async () => {
    const house = await House.build(3, 'fixed: { mode: crash-once }');
    expect((await house.start().ended).code).toBe(0);
    const trials = await house.trials();
    expect(trials.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['completed', 1],
      ['completed', 2],
      ['completed', 1],
    ]);
    expect((await house.lines('begun.log')).filter((x) => x === 1)).toHaveLength(2);
  });

  it('failures - a sweep without a completed trial says why and ends with 3; --retry-failed tries again', async () => {
    const house = await House.build(2, 'fixed: { mode: crash }\ntrial: { retries: 1 }');
    const { code, errors } = await house.start().ended;
    expect(code).toBe(3);
    expect(errors).toMatch(/is failed: none of the 2 trials was completed; trial 1: .*crashed at 1/);
    expect(await house.lines('begun.log')).toHaveLength(4);
    expect((await house.start('--retry-failed').ended).code).toBe(3);
    expect(await house.lines('begun.log')).toHaveLength(8);
    expect(await (await house.store()).listSweeps()).toHaveLength(1);
  });

  it('failures - a result without the objective is no result, and not tried again', async () => {
    const house = await House.build(2, 'fixed: { mode: wrong-name }');
    const { code, output, errors } = await house.start().ended;
    expect(code).toBe(3);
    expect(output).toMatch(/failed: 2 by trial, e\.g\. the result lacks the objective y/);
    expect(errors).toMatch(/the result lacks the objective y; it has z/);
    expect(await house.lines('begun.log')).toHaveLength(2);
  });

  it('failures - when no worker can train it the sweep ends, and goes on once one can', async () => {
    const house = await House.build(2);
    const coordinator = house.start('--no-worker');
    const forbidden = await house.worker({ allowed: false });
    const { code, errors } = await coordinator.ended;
    expect(code).toBe(3);
    expect(errors).toMatch(/no worker can train it: .*--allow-modules/);
    await forbidden.kill('SIGTERM');
    const after = await house.start().ended;
    expect(after.errors).toBe('');
    expect(after.code).toBe(0);
    expect(count(await house.trials(), 'completed')).toBe(2);
  });
});
