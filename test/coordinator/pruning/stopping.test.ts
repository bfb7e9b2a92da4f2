import { describe, expect, it } from 'vitest';
import { createPruner } from '../../../src/coordinator/pruning/create-pruner.js';
import type { Decision, Pruner } from '../../../src/coordinator/pruning/pruner.js';
import { rankSumChance } from '../../../src/coordinator/pruning/rank-sum.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { PrunerDefinition } from '../../../src/sweep/sweep-definition.js';
import type { Trial, TrialState } from '../../../src/sweep/trial.js';
import { sweepOver } from '../definitions.js';

const metric = { name: 'y', direction: 'maximize' } as const;

function trial(number: number, state: TrialState = 'running', more: Partial<Trial> = {}): Trial {
  return {
    sweepId: 's',
    number,
    configuration: number,
    replicate: 0,
    seed: number,
    parameters: {},
    state,
    attempts: 1,
    metrics: {},
    createdAt: 0,
    ...more,
  };
}

/** None of these looks at the space. */
function prunerOf(definition: PrunerDefinition): Pruner {
  return createPruner(definition, compileSpace(sweepOver('{ x: [1, 2] }')));
}

function say(pruner: Pruner, number: number, step: number, y: number): Decision {
  return pruner.report(trial(number), step, { y });
}

/** A completed trial with this curve, from step 1. */
function complete(pruner: Pruner, number: number, curve: readonly number[]): void {
  curve.forEach((y, i) => say(pruner, number, i + 1, y));
  pruner.ended(trial(number, 'completed'), []);
}

describe('median and percentile', () => {
  const median: PrunerDefinition = { type: 'median', metric, percentile: 50, startup: 3, warmup: 0 };

  it('median - stops what is worse than more than half of the completed trials were by that step', () => {
    const pruner = prunerOf(median);
    complete(pruner, 0, [0.1, 0.5]);
    complete(pruner, 1, [0.2, 0.6]);
    expect(say(pruner, 5, 1, 0).action).toBe('continue');
    complete(pruner, 2, [0.3, 0.7]);
    expect(say(pruner, 6, 1, 0.25).action).toBe('continue');
    expect(say(pruner, 6, 2, 0.55)).toEqual({
      action: 'stop',
      reason: 'median: 2 of 3 completed trials were better by step 2',
    });
  });

  it('median - the best so far counts, in between steps the one before', () => {
    const pruner = prunerOf(median);
    for (const number of [0, 1, 2]) complete(pruner, number, [0.5, 0.1]);
    say(pruner, 9, 1, 0.6);
    expect(say(pruner, 9, 2, 0).action).toBe('continue');
    expect(say(pruner, 8, 1.5, 0.4).action).toBe('stop');
  });

  it('median - pruned and failed trials are no measure', () => {
    const pruner = prunerOf(median);
    for (const number of [0, 1, 2]) {
      say(pruner, number, 1, 0.5);
      pruner.ended(trial(number, number === 0 ? 'failed' : 'pruned'), []);
    }
    expect(say(pruner, 9, 1, 0).action).toBe('continue');
  });

  it('percentile - 25: a quarter goes on; before warmup all do', () => {
    const pruner = prunerOf({ type: 'percentile', metric, percentile: 25, startup: 4, warmup: 2 });
    for (const number of [0, 1, 2, 3]) complete(pruner, number, [number, number]);
    expect(say(pruner, 9, 1, -1).action).toBe('continue');
    expect(say(pruner, 9, 2, 2.5).action).toBe('continue');
    expect(say(pruner, 8, 2, 1.5)).toMatchObject({ reason: /^percentile: 2 of 4 / });
  });
});

describe('threshold', () => {
  it('threshold - stops outside of the range, after warmup, and says by how much', () => {
    const pruner = prunerOf({ type: 'threshold', metric: 'y', lower: 0, upper: 10, warmup: 2 });
    expect(say(pruner, 0, 1, 99).action).toBe('continue');
    expect(say(pruner, 0, 2, 10).action).toBe('continue');
    expect(say(pruner, 0, 3, 12.5)).toEqual({
      action: 'stop',
      reason: 'threshold: y 12.5 is above 10 at step 3',
    });
    expect(say(pruner, 0, 3, -1)).toMatchObject({ reason: 'threshold: y -1 is below 0 at step 3' });
    expect(say(pruner, 0, 3, NaN)).toMatchObject({ action: 'stop' });
  });
});

describe('patience', () => {
  it('patience - ends what has not improved by more than delta for so many steps', () => {
    const pruner = prunerOf({ type: 'patience', metric, patience: 3, delta: 0.1, warmup: 0 });
    expect(say(pruner, 0, 1, 0.5).action).toBe('continue');
    expect(say(pruner, 0, 2, 0.55).action).toBe('continue');
    expect(say(pruner, 0, 3, 0.7).action).toBe('continue');
    for (const step of [4, 5]) expect(say(pruner, 0, step, 0.75).action).toBe('continue');
    expect(say(pruner, 0, 6, 0.6)).toEqual({
      action: 'finish',
      reason: 'patience: y has not improved since step 3, for 3 steps',
    });
  });
});

describe('wilcoxon', () => {
  it('rank sum - the exact chances of the tables', () => {
    expect(rankSumChance([4, 5, 6], [1, 2, 3])).toBeCloseTo(1 / 20);
    expect(rankSumChance([4, 5], [1, 2, 3])).toBeCloseTo(1 / 10);
    expect(rankSumChance([1, 2, 3], [4, 5, 6])).toBe(1);
    expect(rankSumChance([1, 3, 5, 7, 9], [2, 4, 6, 8, 10])).toBeCloseTo(183 / 252);
    expect(rankSumChance([1], [])).toBeUndefined();
  });

  it('wilcoxon - the other replicates of a configuration that is worse than the best one are stopped', () => {
    const pruner = prunerOf({ type: 'wilcoxon', metric, p: 0.1 });
    const end = (configuration: number, y: number, open: readonly number[] = []) =>
      pruner.ended(trial(0, 'completed', { configuration, metrics: { y } }), open);
    for (const y of [0.9, 0.91, 0.92]) end(0, y);
    expect(end(1, 0.5, [1, 2])).toEqual([]);
    expect(end(1, 0.6, [1, 2])).toEqual([
      { configuration: 1, reason: 'wilcoxon: 2 replicates are worse than 3 of configuration 0 (p = 0.1)' },
    ]);
    expect(end(2, 0.95, [2])).toEqual([]);
    expect(end(2, 0.8, [2])).toEqual([]);
  });

  it('wilcoxon - stops a configuration that is as good in about p of the cases or less', () => {
    let stopped = 0;
    const runs = 2000;
    let state = 1;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let run = 0; run < runs; run++) {
      const pruner = prunerOf({ type: 'wilcoxon', metric, p: 0.1 });
      const end = (configuration: number) =>
        pruner.ended(trial(0, 'completed', { configuration, metrics: { y: random() } }), [1]);
      for (let i = 0; i < 5; i++) end(0);
      for (let i = 0; i < 2; i++) end(1);
      if (end(1).length > 0) stopped++;
    }
    expect(stopped / runs).toBeLessThan(0.13);
    expect(stopped / runs).toBeGreaterThan(0.02);
  });
});
