import { describe, expect, it } from 'vitest';
import { frontVolume } from '../../../bench/search/fronts.js';
import { search, sweepOf } from '../../../bench/search/search-run.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import { Staircase, type Pair } from '../../../src/coordinator/search/gp/hypervolume-improvement.js';
import { hypervolume } from '../../../src/sweep/pareto.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';

const front: Pair[] = [
  [0.1, 0.9],
  [0.3, 0.5],
  [0.35, 0.45],
  [0.8, 0.2],
  [0.9, 0.9],
];
const reference: Pair = [1, 1];
const volume = (points: readonly Pair[]): number => hypervolume(points, ['minimize', 'minimize'], reference);

describe('gp - hypervolume improvement', () => {
  it.each([
    [0.2, 0.4, 0.1, 0.2],
    [0.5, 0.1, 0.3, 0.05],
    [0.05, 0.05, 0.02, 0.02],
    [0.7, 0.7, 0.2, 0.2],
  ])('gp - expected gain around (%d, %d) is the mean gain of random results', (a, b, da, db) => {
    const random = createRandom(5);
    const draws = 20_000;
    const gains = Array.from({ length: draws }, () => {
      const point: Pair = [a + da * random.normal(), b + db * random.normal()];
      return volume([...front, point]) - volume(front);
    });
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / draws;
    const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / draws;
    const { value } = new Staircase(front, reference).logImprovement(
      { mean: a, deviation: da },
      { mean: b, deviation: db },
    );
    expect(Math.abs(Math.exp(value) - mean)).toBeLessThan(4 * Math.sqrt(variance / draws));
  });

  it('gp - its slopes are those of finite differences, far out in the tail too', () => {
    const stairs = new Staircase(front, reference);
    for (const at of [
      [0.2, 0.4, 0.1, 0.2],
      [0.6, 0.6, 0.05, 0.1],
      [3, 2, 0.1, 0.1],
    ] as [number, number, number, number][]) {
      const value = ([a, b, da, db]: number[]): number =>
        stairs.logImprovement({ mean: a ?? 0, deviation: da ?? 0 }, { mean: b ?? 0, deviation: db ?? 0 })
          .value;
      const { byMean, byDeviation } = stairs.logImprovement(
        { mean: at[0], deviation: at[2] },
        { mean: at[1], deviation: at[3] },
      );
      [...byMean, ...byDeviation].forEach((slope, i) => {
        const step = 1e-6;
        const moved = (by: number): number => value(at.map((v, k) => (k === i ? v + by : v)));
        const expected = (moved(step) - moved(-step)) / (2 * step);
        expect(Math.abs(slope - expected)).toBeLessThan(1e-4 * (1 + Math.abs(expected)));
      });
    }
  });

  it('gp - covers nearly the whole front of two objectives in 40 trials', () => {
    const space = Object.fromEntries(
      ['x1', 'x2', 'x3', 'x4'].map((name) => [name, { kind: 'float', low: 0, high: 1, log: false } as const]),
    );
    const definition = sweepOf({ name: 'ZDT1', space, objectives: 2 }, 'gp', 1, 40);
    const points: number[][] = [];
    search(definition, createSampler(definition, compileSpace(definition)), (parameters) => {
      const [first = 0, ...rest] = Object.values(parameters).map(Number);
      const g = 1 + 3 * rest.reduce((sum, value) => sum + value, 0);
      points.push([first, g * (1 - Math.sqrt(first / g))]);
      return points.at(-1) ?? [];
    });
    // 10.667 at most; 40 random ones come to about 8.5.
    expect(frontVolume(points)).toBeGreaterThan(10.5);
  });
});
