import { describe, expect, it } from 'vitest';
import { objectiveOf } from '../../../src/coordinator/search/gp/fit.js';
import type { Columns } from '../../../src/coordinator/search/gp/kernel.js';
import { Posterior, type Data } from '../../../src/coordinator/search/gp/posterior.js';
import { Trend } from '../../../src/coordinator/search/gp/trend.js';
import { createRandom } from '../../../src/sweep/random.js';

const columns: Columns = { size: 2, unordered: Uint8Array.of(0, 0) };
const random = createRandom(5);
const points = (count: number): Float64Array[] =>
  Array.from({ length: count }, () => Float64Array.of(random.next(), random.next()));
const of = (at: readonly Float64Array[], f: (x: Float64Array) => number): Data => ({
  points: at,
  values: Float64Array.from(at, f),
  counts: new Float64Array(at.length).fill(1),
});
const wave = (x: Float64Array): number => Math.sin(4 * (x[0] ?? 0)) + Math.cos(5 * (x[1] ?? 0));

const earlier = new Posterior(
  columns,
  { lengths: Float64Array.of(0.6, 0.6), signal: 1, noise: 1e-4 },
  of(points(60), wave),
);
const hyperparameters = { lengths: Float64Array.of(0.4, 0.7), signal: 0.1, noise: 1e-3 };
const few = points(6);
const elsewhere = points(30);
const error = (posterior: Posterior, truth: (x: Float64Array) => number): number =>
  Math.sqrt(elsewhere.reduce((sum, x) => sum + (posterior.expect(x) - truth(x)) ** 2, 0) / elsewhere.length);

describe('gp - trend of an earlier sweep', () => {
  it.each([
    ['the same', (x: Float64Array) => wave(x)],
    ['on another scale and level', (x: Float64Array) => 2 * wave(x) + 3],
    ['turned round', (x: Float64Array) => -wave(x)],
  ])('gp - six results tell the function everywhere where it is %s', (_, truth) => {
    const warm = error(new Posterior(columns, hyperparameters, of(few, truth), new Trend([earlier])), truth);
    const cold = error(new Posterior(columns, { ...hyperparameters, signal: 1 }, of(few, truth)), truth);
    expect(warm).toBeLessThan(cold / 3);
  });

  it('gp - where it tells nothing, it hardly counts', () => {
    const other = (x: Float64Array): number => 3 * (x[0] ?? 0) * (x[1] ?? 0);
    const many = of(points(40), other);
    const warm = error(new Posterior(columns, hyperparameters, many, new Trend([earlier])), other);
    const cold = error(new Posterior(columns, hyperparameters, many), other);
    expect(warm).toBeLessThan(1.2 * cold + 0.01);
  });

  it('gp - slopes agree with differences, and what is believed changes no mean', () => {
    const posterior = new Posterior(columns, hyperparameters, of(few, wave), new Trend([earlier, earlier]));
    const x = Float64Array.of(0.33, 0.61);
    const before = posterior.predict(x);
    const { mean, meanSlopes, varianceSlopes } = posterior.predictWithSlopes(x);
    expect(mean).toBe(before.mean);
    for (const k of [0, 1]) {
      const at = (h: number) => posterior.predict(x.map((value, i) => (i === k ? value + h : value)));
      expect(meanSlopes[k]).toBeCloseTo((at(1e-5).mean - at(-1e-5).mean) / 2e-5, 5);
      expect(varianceSlopes[k]).toBeCloseTo((at(1e-5).variance - at(-1e-5).variance) / 2e-5, 5);
    }
    posterior.believe(x);
    expect(posterior.predict(x).mean).toBeCloseTo(before.mean, 9);
    expect(posterior.predict(x).variance).toBeLessThan(0.2 * before.variance);
  });

  it('gp - the likelihood has the slopes that it says', () => {
    const likelihood = objectiveOf(columns, of(few, wave), Float64Array.of(1, 1), new Trend([earlier]));
    const theta = Float64Array.of(-0.4, 0.3, -0.7, -4);
    const { gradient } = likelihood(theta);
    theta.forEach((_, k) => {
      const at = (h: number) => likelihood(theta.map((value, i) => (i === k ? value + h : value))).value;
      expect(gradient[k]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 4);
    });
  });
});
