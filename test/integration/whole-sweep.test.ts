import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { count, House } from './house.js';

/** What must hold after any sweep, whatever happened on the way. */
async function expectEachOnce(house: House, trials: number): Promise<void> {
  const stored = await house.trials();
  expect(stored.map(({ parameters }) => parameters['x'])).toEqual(
    Array.from({ length: trials }, (_, x) => x),
  );
  expect(stored.map(({ state }) => state)).toEqual(new Array(trials).fill('completed'));
  expect(stored.map(({ metrics }) => metrics['y'])).toEqual(stored.map(({ parameters }) => parameters['x']));
}

describe.skipIf(!natsProgram)('whole sweep', () => {
  it('sweep - from the file to the best configuration, and nothing is left running', async () => {
    const house = await House.build(40);
    const { code, output, errors } = await house.start().ended;
    expect(errors).toBe('');
    expect(code).toBe(0);
    await expectEachOnce(house, 40);
    expect((await house.lines('begun.log')).sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
    expect(output).toMatch(/sweep house \(\w{8}\) is completed; 40 trials completed/);
    expect(output).toMatch(/rank +trial +x +y\n +1 +39 +39 +39/);
    const sweep = await house.sweep();
    expect(sweep.state).toBe('completed');
    expect(sweep.usage.seconds).toBeGreaterThan(0);
    const [worker, ...others] = await (await house.store()).listWorkers();
    expect(others).toEqual([]);
    expect(worker).toMatchObject({ state: 'stopped', slots: 2, busy: 0 });
    const reports = await (await house.store()).reports({ sweepId: sweep.id, number: 7 });
    expect(reports).toMatchObject([{ attempt: 1, step: 2, metrics: { y: 7 } }]);
  });

  it('sweep - the same command again says that it is finished; --again begins anew', async () => {
    const house = await House.build(3);
    expect((await house.start().ended).code).toBe(0);
    const again = await house.start().ended;
    expect(again.code).toBe(0);
    expect(again.output).toMatch(/is finished; --again begins it anew/);
    expect(again.output).toMatch(/rank +trial/);
    expect(await house.lines('begun.log')).toHaveLength(3);
    expect((await house.start('--again', '--quiet').ended).code).toBe(0);
    expect(await house.lines('begun.log')).toHaveLength(6);
    expect(await (await house.store()).listSweeps()).toHaveLength(2);
  });

  it('sweep - replicates, startWith and concurrency', async () => {
    const house = await House.build(1);
    await house.sweepFile(
      [
        'space: { x: { int: [0, 4] } }',
        'search: { sampler: grid, startWith: [{ x: 3 }] }',
        'objectives: { y: maximize }',
        'replicates: 2',
        'workers: { concurrency: 1 }',
        'fixed: { mode: slow }',
      ].join('\n'),
    );
    expect((await house.start().ended).code).toBe(0);
    const trials = await house.trials();
    expect(trials.map(({ parameters }) => parameters['x'])).toEqual([3, 3, 0, 0, 1, 1, 2, 2, 4, 4]);
    expect(new Set(trials.map(({ seed }) => seed)).size).toBe(10);
    // One after another: each begins when the one before has ended.
    const times = trials.map(({ startedAt = 0, finishedAt = 0 }) => ({ startedAt, finishedAt }));
    times.sort((a, b) => a.startedAt - b.startedAt);
    times
      .slice(1)
      .forEach(({ startedAt }, i) => expect(startedAt).toBeGreaterThanOrEqual(times[i]?.finishedAt ?? 0));
  });

  it('sweep - another definition under the same name is a new sweep, said plainly', async () => {
    const house = await House.build(2);
    await house.start().ended;
    await house.sweepFile(
      'space: { x: { int: [0, 2] } }\nsearch: { sampler: grid }\nobjectives: { y: maximize }',
    );
    const { output, code } = await house.start().ended;
    expect(code).toBe(0);
    expect(output).toMatch(/space differs from sweep \w{8} of the same name: a new sweep/);
    expect(count(await house.trials(), 'completed')).toBe(3);
  });
});
