import { describe, expect, it } from 'vitest';
import {
  learningCurve,
  maxEpochs,
  mulberry32,
  noiseFree,
  optimum,
  regret,
} from '../../bench/search/learning-curves.js';
import {
  ackley5,
  branin,
  hartmann6,
  levy6,
  mixedConditional,
  rosenbrock4,
  type SearchProblem,
} from '../../bench/search/problems.js';

function at(problem: SearchProblem, coordinate: number): number {
  return problem.value(Object.fromEntries(Object.keys(problem.space).map((name) => [name, coordinate])));
}

describe('search problems - their published check values', () => {
  it.each([
    [branin, 0, 55.6021126423],
    [hartmann6, 0.5, -0.5053149917],
    [ackley5, 1, 3.6253849384],
    [rosenbrock4, 0, 3],
    [levy6, 0, 1.0792227706],
  ])('$name at a point', (problem, coordinate, expected) => {
    expect(at(problem, coordinate)).toBeCloseTo(expected, 9);
  });

  it('MixedCond at two points', () => {
    const sgd = { algo: 'sgd', act: 'tanh', layers: 2, batch: 100, sgd_lr: 0.1, sgd_mom: 0.5 };
    const tree = { algo: 'tree', act: 'relu', layers: 5, batch: 32, tree_depth: 3, tree_n: 50, dropout: 0.5 };
    expect(mixedConditional.value(sgd)).toBeCloseTo(0.3697504790524758, 14);
    expect(mixedConditional.value(tree)).toBeCloseTo(0.35322474111375696, 14);
  });
});

describe('learning curves - their published check values', () => {
  it('mulberry32(1)', () => {
    const random = mulberry32(1);
    expect([random(), random()]).toEqual([0.6270739405881613, 0.002735721180215478]);
  });

  it('the noise-free final value', () => {
    const parameters = { lr: 1e-3, wd: 1e-4, width: 256, depth: 4, drop: 0.15 };
    expect(noiseFree(parameters, maxEpochs)).toBeCloseTo(0.3067928248866305, 14);
  });

  it('the optimum has no regret', () => {
    const best = { lr: 0.0107957, wd: 1e-4, width: 256, depth: 4, drop: 0.15 };
    expect(regret(best)).toBeCloseTo(0, 9);
    expect(optimum).toBeLessThan(noiseFree({ ...best, lr: 0.02 }, maxEpochs));
  });

  it('noise is small, and its own for each trial', () => {
    const parameters = { lr: 1e-2, wd: 1e-4, width: 256, depth: 4, drop: 0.15 };
    const curves = [learningCurve(parameters, 1, 0), learningCurve(parameters, 1, 1)];
    expect(curves[0]).not.toEqual(curves[1]);
    const errors = curves.flatMap((curve) => curve.map((y, i) => (y - noiseFree(parameters, i + 1)) / 0.01));
    const variance = errors.reduce((sum, z) => sum + z * z, 0) / errors.length;
    expect(variance).toBeGreaterThan(0.6);
    expect(variance).toBeLessThan(1.5);
  });
});
