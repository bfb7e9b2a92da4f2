import { describe, expect, it } from 'vitest';
import { Cholesky } from '../../../src/coordinator/search/gp/cholesky.js';
import { atOneFidelity } from '../../../src/coordinator/search/gp/fidelity.js';
import { fit, objectiveOf } from '../../../src/coordinator/search/gp/fit.js';
import type { Columns } from '../../../src/coordinator/search/gp/kernel.js';
import {
  logExpectedImprovement,
  logNormalCdf,
  millsRatio,
} from '../../../src/coordinator/search/gp/log-expected-improvement.js';
import { minimise } from '../../../src/coordinator/search/gp/minimise.js';
import { Posterior, type Data } from '../../../src/coordinator/search/gp/posterior.js';
import { sideAfter, type RegionResult } from '../../../src/coordinator/search/gp/trust-region.js';
import { mildOffsets, strongOffsets, warp } from '../../../src/coordinator/search/gp/warp.js';
import { createRandom } from '../../../src/sweep/random.js';

/** Two columns with an order and a choice. */
const columns: Columns = { size: 3, unordered: Uint8Array.of(0, 0, 1) };
const data: Data = {
  points: [
    [0.1, 0.2, 0],
    [0.4, 0.9, 1],
    [0.8, 0.3, 0],
    [0.5, 0.5, 2],
    [0.9, 0.7, 1],
  ].map((point) => Float64Array.from(point)),
  values: Float64Array.of(0.3, -1.2, 0.7, 1.1, -0.4),
  counts: Float64Array.of(1, 2, 1, 4, 1),
};
const hyperparameters = { lengths: Float64Array.of(0.5, 0.8, 1.5), signal: 1.3, noise: 0.05 };

/** Central differences. */
function slope(f: (x: Float64Array) => number, x: Float64Array, k: number): number {
  const h = 1e-5;
  const at = (sign: number): number => f(x.map((value, i) => (i === k ? value + sign * h : value)));
  return (at(1) - at(-1)) / (2 * h);
}

describe('gp - posterior', () => {
  it('gp - mean and variance are those of elimination with 120 digits, computed elsewhere', () => {
    const posterior = new Posterior(columns, hyperparameters, data);
    expect(posterior.mean).toBeCloseTo(-0.03317844205735204, 10);
    const predictions = [
      [0.3, 0.4, 0],
      [0.6, 0.6, 1],
      [0.5, 0.5, 3],
    ].map((point) => posterior.predict(Float64Array.from(point)));
    expect(predictions.map(({ mean }) => mean)).toEqual(
      [0.36319614074011847, -0.402387921314693, 0.3376720807491206].map(near),
    );
    expect(predictions.map(({ variance }) => variance)).toEqual(
      [0.23738029130538352, 0.21449184772442353, 0.506220752849829].map(near),
    );
  });

  it('gp - slopes agree with differences', () => {
    const posterior = new Posterior(columns, hyperparameters, data);
    const x = Float64Array.of(0.33, 0.61, 1);
    const { meanSlopes, varianceSlopes } = posterior.predictWithSlopes(x);
    for (const k of [0, 1]) {
      expect(meanSlopes[k]).toBeCloseTo(
        slope((at) => posterior.predict(at).mean, x, k),
        6,
      );
      expect(varianceSlopes[k]).toBeCloseTo(
        slope((at) => posterior.predict(at).variance, x, k),
        6,
      );
    }
    expect(meanSlopes[2]).toBe(0);
  });

  it('gp - what it believes changes no mean, and leaves little unknown there', () => {
    const posterior = new Posterior(columns, hyperparameters, data);
    const [believed, other] = [Float64Array.of(0.2, 0.8, 2), Float64Array.of(0.25, 0.7, 2)];
    const before = [posterior.predict(believed), posterior.predict(other)];
    posterior.believe(believed);
    const after = [posterior.predict(believed), posterior.predict(other)];
    after.forEach(({ mean, variance }, i) => {
      expect(mean).toBeCloseTo(before[i]?.mean ?? NaN, 10);
      expect(variance).toBeLessThan(0.2 * (before[i]?.variance ?? NaN));
    });
  });

  it('gp - points that are the same are no obstacle', () => {
    const twice: Data = {
      points: [...data.points, ...data.points],
      values: Float64Array.from([...data.values, ...data.values]),
      counts: new Float64Array(10).fill(1),
    };
    const posterior = new Posterior(columns, { ...hyperparameters, noise: 0 }, twice);
    expect(posterior.predict(data.points[0] as Float64Array).mean).toBeCloseTo(0.3, 3);
  });
});

describe('gp - fit', () => {
  it('gp - the gradient of the likelihood agrees with differences', () => {
    const f = objectiveOf(columns, data, Float64Array.of(1, 0.1, 1));
    const theta = Float64Array.of(-0.5, 0.2, 0.4, 0.3, -2);
    const { gradient } = f(theta);
    theta.forEach((_, k) =>
      expect(gradient[k]).toBeCloseTo(
        slope((at) => f(at).value, theta, k),
        6,
      ),
    );
  });

  it('gp - finds out which column matters and how large the noise is', () => {
    const random = createRandom(4);
    const points = Array.from({ length: 70 }, () =>
      Float64Array.of(random.next(), random.next(), random.below(3)),
    );
    const values = Float64Array.from(points, ([x = 0]) => Math.sin(9 * x) * 1.4 + 0.2 * random.normal());
    const counts = new Float64Array(70).fill(1);
    const { lengths, noise } = fit(columns, { points, values, counts }, new Float64Array(3).fill(1), 60);
    expect(lengths[0]).toBeLessThan(1);
    expect(lengths[1]).toBeGreaterThan(2);
    expect(lengths[2]).toBeGreaterThan(2);
    expect(Math.sqrt(noise)).toBeGreaterThan(0.14);
    expect(Math.sqrt(noise)).toBeLessThan(0.27);
  });

  it('gp - minimise finds the bottom of a curved valley, and a corner where the bounds say so', () => {
    const rosenbrock = (p: Float64Array): { value: number; gradient: Float64Array } => {
      const [x = 0, y = 0] = p;
      return {
        value: 100 * (y - x * x) ** 2 + (1 - x) ** 2,
        gradient: Float64Array.of(-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)),
      };
    };
    const from = Float64Array.of(-1.2, 1);
    const wide = { low: Float64Array.of(-5, -5), high: Float64Array.of(5, 5) };
    expect(minimise(rosenbrock, from, wide, 200).value).toBeLessThan(1e-8);
    const narrow = { low: Float64Array.of(-5, -5), high: Float64Array.of(0.5, 5) };
    const { x } = minimise(rosenbrock, from, narrow, 200);
    expect(x[0]).toBe(0.5);
    expect(x[1]).toBeCloseTo(0.25, 4);
  });

  it('gp - cholesky: inverse, determinant, and refusal of what is not positive definite', () => {
    const rows = (): Float64Array[] => [
      Float64Array.of(4),
      Float64Array.of(2, 5),
      Float64Array.of(0.4, 1.2, 3),
    ];
    const factor = Cholesky.of(rows());
    const inverse = factor?.inverse();
    for (let k = 0; k < 3; k++) {
      const column = factor?.solve(Float64Array.from({ length: 3 }, (_, i) => Number(i === k))) ?? [];
      for (let i = k; i < 3; i++) expect(inverse?.[i]?.[k]).toBeCloseTo(column[i] ?? NaN, 12);
    }
    expect(Math.exp(factor?.logDeterminant() ?? NaN)).toBeCloseTo(
      4 * 5 * 3 + 2 * 2 * 1.2 * 0.4 - 5 * 0.16 - 4 * 1.44 - 3 * 4,
      9,
    );
    expect(Cholesky.of([Float64Array.of(1), Float64Array.of(2, 1)])).toBeUndefined();
  });
});

describe('gp - log expected improvement', () => {
  // log(phi(z) + z Phi(z)), from series and continued fractions in decimal arithmetic with 120 digits.
  it.each<[number, number]>([
    [-1e5, -5000000023.94479],
    [-2000, -2000016.1207442023],
    [-200, -20011.515648259738],
    [-40, -808.29856835662],
    [-10, -55.55312203612235],
    [-3, -7.869686059603029],
    [-1, -2.4851210257126413],
    [-0.3, -1.3214012449190435],
    [0.5, -0.3598276837450638],
    [2, 0.6973835457882284],
    [8, 2.0794415416798357],
  ])('gp - at z = %d it is %d', (z, expected) => {
    expect(logExpectedImprovement(0, 1, z).value / expected).toBeCloseTo(1, 9);
    expect(logExpectedImprovement(3 - 2 * z, 2, 3).value).toBeCloseTo(expected + Math.log(2), 6);
  });

  it.each([-50, -3, -0.2, 0, 0.3, 4, 40])('gp - its slopes agree with differences at z = %d', (z) => {
    const x = Float64Array.of(1 - z * 0.5, 0.5);
    const value = ([mean = 0, deviation = 0]: Float64Array): number =>
      logExpectedImprovement(mean, deviation, 1).value;
    const { byMean, byDeviation } = logExpectedImprovement(x[0] ?? 0, x[1] ?? 0, 1);
    expect(byMean / slope(value, x, 0)).toBeCloseTo(1, 5);
    expect(byDeviation).toBeCloseTo(slope(value, x, 1), Math.abs(z) > 10 ? 2 : 5);
  });

  it('gp - the normal distribution far into its tail', () => {
    expect(logNormalCdf(-30).value).toBeCloseTo(-454.3212439563432, 8);
    expect(logNormalCdf(1).value).toBeCloseTo(-0.17275377902344988, 12);
    expect(millsRatio(2.4999999)).toBeCloseTo(millsRatio(2.5000001), 6);
    for (const z of [-4, 0.5]) {
      const x = Float64Array.of(z);
      const difference = slope(([at = 0]) => logNormalCdf(at).value, x, 0);
      expect(logNormalCdf(z).slope).toBeCloseTo(difference, 6);
    }
  });
});

describe('gp - scales', () => {
  it('gp - warp keeps the order, and gives the best their weight where results differ by powers of ten', () => {
    const costs = [1, 1.1, 1.3, 2, 50, 4_000, 1e6, 1e12];
    const values = warp(costs, strongOffsets);
    for (let i = 1; i < costs.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1] ?? NaN);
    expect((values[3] ?? 0) - (values[0] ?? 0)).toBeGreaterThan(0.05);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9);
    expect([...warp([5, 5, 5], mildOffsets)]).toEqual([0, 0, 0]);
  });

  it('gp - the region shrinks where it fails, grows where it wins, and begins anew', () => {
    const result = (configuration: number, cost: number, around?: number): RegionResult => ({
      configuration,
      feasible: true,
      cost,
      ...(around !== undefined && { around }),
    });
    const lost = (n: number): RegionResult[] => Array.from({ length: n }, (_, i) => result(10 + i, 9, 0));
    const start = result(0, 5);
    const side = sideAfter([start], 2);
    expect(sideAfter([start, ...lost(2)], 2)).toBe(side);
    expect(sideAfter([start, ...lost(3)], 2)).toBe(side / 2);
    const failed = { configuration: 13, feasible: false, around: 0 };
    expect(sideAfter([start, ...lost(3), failed, failed, failed], 2)).toBe(side / 4);
    const won = [result(14, 4, 0), result(15, 9), result(16, 3, 14)];
    expect(sideAfter([start, ...lost(3), ...won], 2)).toBeGreaterThan(side / 2);
    // Those who did not know of the new best looked around the old one: no failures of the new one's region.
    expect(sideAfter([start, result(1, 4, 0), ...lost(9)], 2)).toBe(side);
    const sides = Array.from({ length: 100 }, (_, n) => sideAfter([start, ...lost(n)], 2));
    expect(Math.min(...sides)).toBeGreaterThanOrEqual(1e-5);
    expect(sides.lastIndexOf(side)).toBeGreaterThan(10);
  });
});

describe('gp - results of trials that were stopped', () => {
  it('gp - values of one step are compared, those of others have a place alone', () => {
    const done = [1, 2, 3, 4].map((cost) => ({ step: Infinity, costs: [cost] }));
    const stopped = [
      { step: 9, costs: [0.1] },
      { step: 3, costs: [0.2] },
      { step: 9, costs: [0.05] },
    ];
    const costs = atOneFidelity([...done, ...stopped]).map(([cost]) => cost);
    // Between the median and the worst of those that ended: at step 9 the better one first, at step 3 the last.
    expect(costs).toEqual([1, 2, 3, 4, 3.5, 3.75, 3.25]);
  });

  it('gp - as long as few have ended, the furthest step with enough results decides', () => {
    const costs = atOneFidelity([
      { step: Infinity, costs: [50] },
      ...[5, 6, 7, 8].map((cost) => ({ step: 9, costs: [cost] })),
      ...[0, 1, 2, 3].map((cost) => ({ step: 3, costs: [cost] })),
    ]).map(([cost]) => cost);
    expect(costs.slice(0, 5)).toEqual([5, 5, 6, 7, 8]);
    for (const cost of costs.slice(5)) expect(cost).toBeGreaterThan(7);
  });
});

function near(value: number): unknown {
  return expect.closeTo(value, 6);
}
