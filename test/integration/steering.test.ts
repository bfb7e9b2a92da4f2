import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { count, eventually, House, no, type Ended } from './house.js';

async function actions(house: House): Promise<string[]> {
  const store = await house.store();
  return (await store.decisions((await house.sweep()).id)).map(({ action }) => action);
}

async function says(house: House, command: string, ...args: string[]): Promise<string> {
  const { code, output, errors } = await house.coordinator(command, 'house', ...args).ended;
  expect(errors).toBe('');
  expect(code).toBe(0);
  return output.trim();
}

async function refused(house: House, command: string, ...args: string[]): Promise<Ended> {
  return await house.coordinator(command, ...args).ended;
}

describe.skipIf(!natsProgram)('steering', () => {
  it('a sweep that runs - takes more slots and trials, pauses, and is still paused after kill -9', async () => {
    const house = await House.build(20, 'fixed: { mode: gate }\nworkers: { concurrency: 1 }');
    const first = house.start();
    await house.until('one trial runs', (trials) => count(trials, 'running') === 1);
    expect(await says(house, 'set', 'concurrency=2', 'x=[0,7]')).toMatch(
      /^sweep house \(\w{8}\): concurrency: 1 -> 2, x: \[0, 19\] -> \[0, 7\]$/,
    );
    await house.until('two trials run', (trials) => count(trials, 'running') === 2);
    expect(await says(house, 'pause')).toContain('paused; running trials finish');
    expect((await refused(house, 'pause', 'house')).code).toBe(1);
    await house.openGate();
    await house.until('both are completed', (trials) => count(trials, 'completed') === 2);
    await first.kill();
    const second = house.start();
    await eventually('the second leads it', async () => {
      const leader = (await house.sweep()).leader?.holder ?? '';
      return leader.endsWith(`:${second.pid}`) ? leader : no(leader);
    });
    // What it would have begun by itself would be begun before what comes from the added trial's answer.
    expect(await says(house, 'add', '{"x": 3}')).toMatch(/trial \d+ is added: \{"x":3\}$/);
    expect(await house.lines('begun.log')).toHaveLength(2);
    expect(count(await house.trials(), 'completed')).toBe(2);
    expect(await says(house, 'resume')).toContain('goes on');
    expect((await second.ended).code).toBe(0);
    const trials = await house.trials();
    expect(
      trials.every(({ state, parameters }) => state === 'completed' && Number(parameters['x']) <= 7),
    ).toBe(true);
    expect(new Set(trials.map(({ parameters }) => parameters['x'])).size).toBe(8);
    expect(await actions(house)).toEqual(['set', 'pause', 'add', 'resume']);
  }, 120_000);

  it('trials - are added, cancelled and tried again; what can not be is refused with the reason', async () => {
    const house = await House.build(3, 'fixed: { mode: gate-but-one }\ntrial: { retries: 0 }');
    const running = house.start();
    await house.until(
      'one failed, two run',
      (all) => count(all, 'failed') === 1 && count(all, 'running') === 2,
    );
    expect(await says(house, 'add', '{"x": 1}')).toMatch(/trial 3 is added/);
    expect(await says(house, 'retry')).toContain('1 trial back in the queue');
    expect(await says(house, 'cancel', '2')).toContain('1 trial cancelled');
    await house.until(
      'it is cancelled, and another runs',
      (all) => all[2]?.state === 'cancelled' && count(all, 'running') === 2,
    );
    const outside = await refused(house, 'add', 'house', '{"x": 9}');
    expect([outside.code, outside.errors]).toEqual([
      2,
      expect.stringContaining('"x" is 9, but must be at most 2'),
    ]);
    const unknown = await refused(house, 'cancel', 'house', '17');
    expect([unknown.code, unknown.errors]).toEqual([2, expect.stringContaining('there is no trial 17')]);
    const over = await refused(house, 'cancel', 'house', '2');
    expect([over.code, over.errors]).toEqual([1, expect.stringContaining('trial 2 is cancelled already')]);
    const wide = await refused(house, 'set', 'house', 'x=[0,3]');
    expect([wide.code, wide.errors]).toEqual([
      2,
      expect.stringContaining('must lie within those of the sweep file'),
    ]);
    await house.openGate();
    expect((await running.ended).code).toBe(0);
    const states = (await house.trials()).map(({ state }) => state);
    expect(states).toEqual(['completed', 'completed', 'cancelled', 'completed']);
  }, 90_000);

  it('pause --now - hands running trials back, and resume goes on with them', async () => {
    const house = await House.build(2, 'fixed: { mode: gate }');
    const running = house.start();
    await house.until('both run', (trials) => count(trials, 'running') === 2);
    await says(house, 'pause', '--now');
    await house.until('both wait', (trials) => count(trials, 'queued') === 2);
    await house.openGate();
    await says(house, 'resume');
    expect((await running.ended).code).toBe(0);
    expect((await house.trials()).map(({ state, attempts }) => [state, attempts])).toEqual([
      ['completed', 2],
      ['completed', 2],
    ]);
  }, 60_000);

  it('a budget that is lowered - ends the sweep', async () => {
    const house = await House.build(4, 'fixed: { mode: gate }');
    const running = house.start();
    await house.until('two run', (trials) => count(trials, 'running') === 2);
    await says(house, 'set', 'time=100ms');
    const { output, errors } = await running.ended;
    expect(output + errors).toContain('budget.time of 0.1 s is used up');
  }, 60_000);
});
