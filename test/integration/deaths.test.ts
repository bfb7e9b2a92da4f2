import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { count, eventually, House, isAlive, no } from './house.js';

const gate = 'fixed: { mode: gate }';
const slow = 'fixed: { mode: slow }';

async function expectAllOnce(house: House, trials: number): Promise<void> {
  const stored = await house.trials();
  expect(stored.map(({ parameters }) => parameters['x'])).toEqual([...Array(trials).keys()]);
  expect(count(stored, 'completed')).toBe(trials);
}

describe.skipIf(!natsProgram)('deaths', () => {
  it('worker killed - its trial finishes elsewhere, once, as the second attempt', async () => {
    const house = await House.build(3, gate);
    const coordinator = house.start('--no-worker');
    const first = await house.worker({ name: 'first' });
    await house.until('the first worker has reported', (trials) => trials[0]?.lastStep === 1);
    await first.kill();
    const second = await house.worker({ name: 'second' });
    await house.openGate();
    expect((await coordinator.ended).code).toBe(0);
    await expectAllOnce(house, 3);
    const store = await house.store();
    const sweep = await house.sweep();
    const [lost, completed, ...more] = await store.attempts({ sweepId: sweep.id, number: 0 });
    expect(more).toEqual([]);
    expect(lost).toMatchObject({ attempt: 1, outcome: 'failed', failure: { class: 'lost' } });
    expect(completed).toMatchObject({ attempt: 2, outcome: 'completed' });
    expect(lost?.workerId).toMatch(/first/);
    expect(completed?.workerId).toMatch(/second/);
    expect(await store.decisions(sweep.id, 0)).toMatchObject([{ action: 'retry' }]);
    // What attempt 1 had reported is kept, and the trial has the metrics of attempt 2 alone.
    const reports = await store.reports({ sweepId: sweep.id, number: 0 });
    expect(reports.map(({ attempt, step }) => [attempt, step])).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
    ]);
    await second.kill('SIGTERM');
  });

  it('coordinator killed - the same command goes on with the same sweep and repeats nothing', async () => {
    const house = await House.build(60, slow);
    const before = house.start();
    await house.until('some trials are completed', (trials) => count(trials, 'completed') >= 10);
    await before.kill();
    const done = (await house.trials()).filter(({ state }) => state === 'completed');
    const after = house.start();
    const { code, output } = await after.ended;
    expect(code).toBe(0);
    expect(output).toMatch(/going on with sweep house \(\w{8}\): \d+ trials are completed/);
    await expectAllOnce(house, 60);
    expect(await (await house.store()).listSweeps()).toHaveLength(1);
    // What was finished was not trained again; what was under way was handed back, and may have begun twice.
    const begun = await house.lines('begun.log');
    expect(done.length).toBeGreaterThanOrEqual(10);
    for (const { number } of done) expect(begun.filter((x) => x === number)).toEqual([number]);
    expect(begun.length).toBeLessThanOrEqual(60 + 2);
    const finished = await house.lines('finished.log');
    expect([...finished].sort((a, b) => a - b)).toEqual([...Array(60).keys()]);
  });

  it('coordinator killed - trials of living workers go on, and the local worker ends by itself', async () => {
    const house = await House.build(4, gate);
    const before = house.start('--slots', '1');
    await house.worker();
    await house.until('both workers have a trial', (trials) => count(trials, 'running') === 2);
    await before.kill();
    const store = await house.store();
    const remote = (await house.trials()).find(({ workerId }) => workerId !== undefined);
    expect(remote).toBeDefined();
    const after = house.start('--no-worker');
    await house.until('one is left to the worker that lives', (trials) => count(trials, 'running') === 1);
    await house.openGate();
    expect((await after.ended).code).toBe(0);
    await expectAllOnce(house, 4);
    const sweepId = (await house.sweep()).id;
    const attempts = await Promise.all([0, 1].map((number) => store.attempts({ sweepId, number })));
    expect(attempts.map((all) => all.length).sort()).toEqual([1, 2]);
  });

  it('nats-server killed - it comes back, and the sweep goes on', async () => {
    const house = await House.build(60, slow);
    const coordinator = house.start();
    await house.until('some trials are completed', (trials) => count(trials, 'completed') >= 10);
    const { pid } = await house.nats();
    process.kill(pid, 'SIGKILL');
    const { code, errors } = await coordinator.ended;
    expect(code).toBe(0);
    expect(errors).toMatch(/nats-server \(process \d+\) died; starting it again/);
    await expectAllOnce(house, 60);
    expect(new Set(await house.lines('finished.log')).size).toBe(60);
  });

  it('nats-server killed and its files lost - what was published is published again', async () => {
    const house = await House.build(6, gate);
    const coordinator = house.start('--slots', '1');
    await house.until('a trial runs', (trials) => count(trials, 'running') === 1);
    const { pid } = await house.nats();
    await rm(join(house.directory, 'data/nats/store'), { recursive: true, force: true });
    process.kill(pid, 'SIGKILL');
    await house.openGate();
    expect((await coordinator.ended).code).toBe(0);
    await expectAllOnce(house, 6);
  });

  it('local worker killed - another one is started, and nothing is left behind at the end', async () => {
    const house = await House.build(4, gate);
    const coordinator = house.start('--slots', '1');
    await house.until('a trial runs', (trials) => count(trials, 'running') === 1);
    const [pid = 0] = workersOf(coordinator.pid);
    process.kill(pid, 'SIGKILL');
    const other = await eventually('another worker runs', () => {
      const [next] = workersOf(coordinator.pid);
      return Promise.resolve(next === undefined || next === pid ? no() : next);
    });
    await house.openGate();
    const { code, errors } = await coordinator.ended;
    expect(code).toBe(0);
    expect(errors).toMatch(/the local worker ended with SIGKILL.*; starting it again/);
    expect(isAlive(other)).toBe(false);
    await expectAllOnce(house, 4);
  });
});

/** Process ids of the workers that a coordinator has started. */
function workersOf(coordinator: number): number[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return list.split('\n').flatMap((line) => {
    const [, pid, parent, command = ''] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
    return Number(parent) === coordinator && command.includes('worker/cli/main.js') ? Number(pid) : [];
  });
}
