import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { count, House } from './house.js';

// At the gate a trial reports y = x / 2 at step 1, then waits; the gate's opening lets it complete.
const gate = 'fixed: { mode: gate }';
const learner = fileURLToPath(new URL('fixtures/learner.js', import.meta.url));

describe.skipIf(!natsProgram)('pruning', () => {
  it('threshold - what falls below is stopped at its worker, with the reason; the rest completes', async () => {
    const house = await House.build(5, `${gate}\npruner: { type: threshold, lower: 1 }`);
    const coordinator = house.start();
    const trials = await house.until('two are pruned, two run', (all) => {
      return count(all, 'pruned') === 2 && count(all, 'running') === 2;
    });
    expect(trials[0]).toMatchObject({
      state: 'pruned',
      reason: 'threshold: y 0 is below 1 at step 1',
      metrics: { y: 0 },
      lastStep: 1,
    });
    await house.openGate();
    expect((await coordinator.ended).code).toBe(0);
    expect(count(await house.trials(), 'completed')).toBe(3);
    expect(await house.lines('finished.log')).toHaveLength(3);
    const decisions = await (await house.store()).decisions((await house.sweep()).id, 1);
    expect(decisions).toMatchObject([{ action: 'prune', reason: 'threshold: y 0.5 is below 1 at step 1' }]);
    const { output } = await house.coordinator('trials', 'house').ended;
    expect(output).toContain('threshold: y 0 is below 1 at step 1');
  });

  it('asha with resume - pauses, promotes, survives kill -9 and ends what is left over as pruned', async () => {
    const house = await House.build(4);
    await house.sweepFile(
      `space: { x: { int: [0, 3] } }\nsearch: { sampler: grid }\nobjectives: { y: minimize }\n${gate}\n` +
        'pruner: { type: asha, min: 1, reduction: 4, resume: true }',
    );
    const killed = house.start();
    await house.until('the best is promoted, three stay paused', (all) => {
      return count(all, 'paused') === 3 && count(all, 'running') === 1;
    });
    await killed.kill();
    const coordinator = house.start();
    await house.until('the promoted one runs', (all) => count(all, 'running') === 1);
    expect(count(await house.trials(), 'paused')).toBe(3);
    await house.openGate();
    expect((await coordinator.ended).code).toBe(0);
    const trials = await house.trials();
    expect(trials.map(({ state }) => state)).toEqual(['completed', 'pruned', 'pruned', 'pruned']);
    expect(trials[3]?.reason).toBe('asha: rank 4 of 4 at rung 1, when all others had ended');
    const decisions = await (await house.store()).decisions((await house.sweep()).id);
    expect(decisions.filter(({ action }) => action === 'promote')).toMatchObject([
      { number: 0, reason: 'asha: rank 1 of 4 at rung 1' },
    ]);
  });

  it('forecast - pauses, goes on from checkpoints, survives kill -9, and what is best has run whole', async () => {
    const house = await House.build(1);
    await cp(learner, join(house.directory, 'objective.js'));
    await house.sweepFile(
      'space: { rate: { float: [0.01, 0.9], log: true } }\nobjectives: { y: minimize }\nfixed: { mode: slow }\n' +
        'search: { trials: 10, seed: 5 }\npruner: { type: forecast, min: 2, max: 16 }',
    );
    const killed = house.start();
    await house.until('some are paused', (all) => count(all, 'paused') >= 2);
    await killed.kill();
    const { code, errors } = await house.start().ended;
    expect({ code, errors }).toMatchObject({ code: 0 });
    const trials = await house.trials();
    expect(trials).toHaveLength(10);
    expect(count(trials, 'completed') + count(trials, 'pruned')).toBe(10);
    for (const { reason } of trials.filter(({ state }) => state === 'pruned'))
      expect(reason).toMatch(/^forecast: at step \d+, /);
    // A completed one has done each of its 16 steps once, whatever it waited for in between.
    const completed = trials.filter(({ state }) => state === 'completed');
    expect(completed.length).toBeGreaterThan(0);
    for (const { metrics, parameters } of completed)
      expect(metrics['y']).toBeCloseTo((1 - Number(parameters['rate'])) ** 16, 10);
    const bestRate = Math.max(...completed.map(({ parameters }) => Number(parameters['rate'])));
    expect(bestRate).toBeGreaterThan(0.2);
    const decisions = await (await house.store()).decisions((await house.sweep()).id);
    const actions = new Set(decisions.map(({ action }) => action));
    expect(actions).toContain('pause');
    expect(actions).toContain('promote');
  }, 120_000);
});
