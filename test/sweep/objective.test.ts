import { describe, expect, it } from 'vitest';
import { compileLimits } from '../../src/sweep/limits.js';
import { compareValues, configurationResults, summarise } from '../../src/sweep/objective.js';
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

describe('objective - values and replicates', () => {
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

  it('replicates of a configuration are grouped, only completed trials count, limits go by the means', () => {
    const limits = compileLimits({ limits: ['memory <= most'], fixed: { most: 10 } });
    const trials = [
      trial(5, 3, { accuracy: 0.99, memory: 11 }),
      trial(1, 0, { accuracy: 0.7, memory: 1 }, { replicate: 1 }),
      trial(0, 0, { accuracy: 0.5, memory: 18 }),
      trial(3, 2, { accuracy: 0.9, memory: 9 }, { state: 'failed' }),
      trial(6, 5, { accuracy: 0.8 }),
    ];
    const results = configurationResults(trials, limits);
    expect(
      results.map(({ configuration, metrics, broken }) => [
        configuration,
        metrics['accuracy']?.mean,
        broken.length,
      ]),
    ).toEqual([
      [0, 0.6, 0],
      [3, 0.99, 1],
      [5, 0.8, 1],
    ]);
    expect(results[0]?.trials.map(({ number }) => number)).toEqual([0, 1]);
  });
});
