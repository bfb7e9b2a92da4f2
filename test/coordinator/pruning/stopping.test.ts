import { describe, expect, it } from 'vitest';
import { createPruner } from '../../../src/coordinator/pruning/create-pruner.js';
import type { Decision, Pruner } from '../../../src/coordinator/pruning/pruner.js';
import { MeanRanks } from '../../../src/coordinator/pruning/mean-ranks.js';
import { rankSumChance } from '../../../src/coordinator/pruning/rank-sum.js';
import { createRandom } from '../../../src/sweep/random.js';
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

  it('median - beyond a thousand completed trials those with the highest numbers count, in whatever order they ended', () => {
    const order = Array.from({ length: 1600 }, (_, number) => number);
    for (const numbers of [order, [...order].reverse()]) {
      const pruner = prunerOf(median);
      for (const number of numbers) complete(pruner, number, [number < 1000 ? 1 : 0]);
      expect(say(pruner, 9999, 1, 0.5)).toEqual({ action: 'continue' });
      expect(say(pruner, 9998, 1, -1)).toEqual({
        action: 'stop',
        reason: 'median: 1000 of 1000 completed trials were better by step 1',
      });
    }
  });

  it('percentile - 25: a quarter goes on; before warmup all do', () => {
    const pruner = prunerOf({ type: 'percentile', metric, percentile: 25, startup: 4, warmup: 2 });
    for (const number of [0, 1, 2, 3]) complete(pruner, number, [number, number]);
    expect(say(pruner, 9, 1, -1).action).toBe('continue');
    expect(say(pruner, 9, 2, 2.5).action).toBe('continue');
    expect(say(pruner, 8, 2, 1.5)).toMatchObject({
      action: 'stop',
      reason: expect.stringMatching(/^percentile: 2 of 4 /) as string,
    });
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

  it('rank sum - among many: what lies at the far ends of all ranks is told apart by few', () => {
    const ranks = new MeanRanks();
    for (let value = 1; value <= 40; value++) ranks.add(value);
    ranks.add(20);
    expect(ranks.of([1, 2, 3])).toBe(2);
    expect(ranks.of([20])).toBe(20.5);
    expect(ranks.chance([40, 39], [1, 2, 3])).toBeLessThan(0.001);
    expect(ranks.chance([1, 2, 3], [40, 39])).toBeGreaterThan(0.999);
    expect(ranks.chance([20], [20])).toBeCloseTo(0.5, 6);
    // A normal deviate of (40.5 - 2) / sqrt(41 42 / 12 (1/2 + 1/3)) = 3.52.
    expect(ranks.chance([40, 39], [1, 2, 3])).toBeCloseTo(0.000216, 5);
  });

  it('wilcoxon - the other replicates of a configuration that is worse than the best one are stopped', () => {
    const pruner = prunerOf({ type: 'wilcoxon', metric, p: 0.1 });
    const end = (configuration: number, y: number, open: readonly number[] = []) =>
      pruner.ended(trial(0, 'completed', { configuration, metrics: { y } }), open);
    for (const y of [0.9, 0.91, 0.92, 0.93, 0.94, 0.95]) end(0, y);
    expect(end(1, 0.5, [1, 2])).toEqual([]);
    expect(end(1, 0.6, [1, 2])).toEqual([
      {
        configuration: 1,
        reason: 'wilcoxon: 2 replicates are worse than 6 of configuration 0 (p = 0.071)',
      },
    ]);
    expect(end(2, 0.96, [2])).toEqual([]);
    expect(end(2, 0.7, [2])).toEqual([]);
  });

  /** Rounds of replicates; how many of the configurations below and from `worse` on were stopped, as parts of them. */
  function stoppedParts(configurations: number, replicates: number, worse: number, runs: number) {
    let [good, bad] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const random = createRandom(3, run);
      const pruner = prunerOf({ type: 'wilcoxon', metric, p: 0.1 });
      const open = new Set(Array.from({ length: configurations }, (_, i) => i));
      for (let replicate = 1; replicate <= replicates; replicate++) {
        for (const configuration of [...open]) {
          if (replicate === replicates) open.delete(configuration);
          const metrics = { y: random.normal() - (configuration >= worse ? 3 : 0) };
          for (const lost of pruner.ended(trial(0, 'completed', { configuration, metrics }), open)) {
            open.delete(lost.configuration);
            if (lost.configuration >= worse) bad++;
            else good++;
          }
        }
      }
    }
    return { good: good / (runs * worse), worse: bad / (runs * (configurations - worse)) };
  }

  it.each([
    [2, 6, 600],
    [3, 6, 400],
    [20, 6, 60],
  ])(
    'wilcoxon - %i equal configurations with %i replicates: less than p of them are ever stopped',
    (configurations, replicates, runs) => {
      const { good } = stoppedParts(configurations, replicates, configurations, runs);
      expect(good).toBeLessThan(0.1);
      expect(good).toBeGreaterThan(0.002);
    },
  );

  it('wilcoxon - of twenty configurations most of the ten that are worse by three deviations are stopped', () => {
    const parts = stoppedParts(20, 6, 10, 30);
    expect(parts.worse).toBeGreaterThan(0.5);
    expect(parts.good).toBeLessThan(0.1);
  });
});
