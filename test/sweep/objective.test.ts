import { describe, expect, it } from 'vitest';
import { compileLimits } from '../../src/sweep/limits.js';
import {
  compareValues,
  configurationResults,
  rankConfigurations,
  summarise,
} from '../../src/sweep/objective.js';
import type { Metrics, Trial } from '../../src/sweep/trial.js';

const trial = (
  number: number,
  configuration: number,
  metrics: Metrics,
  more: Partial<Trial> = {},
): Trial => ({
  sweepId: 's',
  number,
  configuration,
  replicate: 0,
  seed: number,
  parameters: { x: configuration },
  state: 'completed',
  attempts: 1,
  metrics,
  createdAt: 0,
  ...more,
});

describe('objective - replicates and ranks', () => {
  it('mean and sample standard deviation', () => {
    expect(summarise([])).toBeUndefined();
    expect(summarise([3])).toEqual({ n: 1, mean: 3 });
    expect(summarise([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ n: 8, mean: 5, spread: Math.sqrt(32 / 7) });
    expect(summarise([1e9 + 1, 1e9 + 2, 1e9 + 3])?.spread).toBeCloseTo(1, 12);
    expect(summarise([0.8, 0.9])?.mean).toBe(summarise([0.9, 0.8])?.mean);
  });

  it('missing values are worse than any', () => {
    expect(compareValues(1, 2, 'minimize')).toBeLessThan(0);
    expect(compareValues(1, 2, 'maximize')).toBeGreaterThan(0);
    expect(compareValues(undefined, 2, 'minimize')).toBeGreaterThan(0);
    expect(compareValues(NaN, undefined, 'minimize')).toBe(0);
  });

  it('feasible before infeasible before missing, equal means share a rank, only completed trials count', () => {
    const limits = compileLimits({ limits: ['memory <= most'], fixed: { most: 10 } });
    const trials = [
      trial(5, 3, { accuracy: 0.99, memory: 11 }),
      trial(0, 0, { accuracy: 0.5, memory: 1 }),
      trial(1, 0, { accuracy: 0.7, memory: 1 }, { replicate: 1 }),
      trial(2, 1, { accuracy: 0.6, memory: 9 }),
      trial(3, 2, { accuracy: 0.9, memory: 9 }, { state: 'failed' }),
      trial(4, 4, { memory: 2 }),
      trial(6, 5, { accuracy: 0.8 }),
    ];
    const ranked = rankConfigurations(configurationResults(trials, limits), 'accuracy', 'maximize');
    expect(
      ranked.map(({ configuration, rank, tied, broken }) => [configuration, rank, tied, broken.length]),
    ).toEqual([
      [0, 1, true, 0],
      [1, 1, true, 0],
      [4, 3, false, 0],
      [3, 4, false, 1],
      [5, 5, false, 1],
    ]);
    expect(ranked[0]?.trials.map(({ number }) => number)).toEqual([0, 1]);
  });

  it('what the replicates can not tell from the best is marked', () => {
    const results = configurationResults(
      [
        ...[0.9, 0.92, 0.94].map((accuracy, i) => trial(i, 0, { accuracy })),
        ...[0.89, 0.91, 0.93].map((accuracy, i) => trial(3 + i, 1, { accuracy })),
        ...[0.5, 0.51, 0.52].map((accuracy, i) => trial(6 + i, 2, { accuracy })),
        trial(9, 3, { accuracy: 0.91 }),
      ],
      () => [],
    );
    const near = rankConfigurations(results, 'accuracy', 'maximize').map(({ configuration, nearBest }) => [
      configuration,
      nearBest,
    ]);
    expect(near).toEqual([
      [0, true],
      [1, true],
      [3, false],
      [2, false],
    ]);
  });
});
