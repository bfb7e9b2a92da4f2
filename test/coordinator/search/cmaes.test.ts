import { describe, expect, it } from 'vitest';
import { logRegret } from '../../../bench/search/cases.js';
import { rosenbrock4, type SearchProblem } from '../../../bench/search/problems.js';
import { leastValues } from '../../../bench/search/search-run.js';
import { Evolution } from '../../../src/coordinator/search/cmaes/evolution.js';
import { keepMargin } from '../../../src/coordinator/search/cmaes/margin.js';
import { domainOf } from '../../../src/sweep/domain.js';
import { createRandom } from '../../../src/sweep/random.js';
import { FailureClass } from '../../../src/sweep/trial.js';
import { definitionOf, sweepOver } from '../definitions.js';
import { Searching } from './run-samplers.js';

const float = { kind: 'float', low: 0, high: 1, log: false } as const;
const int = { kind: 'int', low: 0, high: 20, step: 1, log: false } as const;

/** A long, bent valley of which some axes have steps. */
const stepped: SearchProblem = {
  name: 'stepped',
  space: { a: float, b: float, c: int, d: int },
  optimum: 0,
  value: ({ a, b, c, d }) =>
    100 * (Number(a) - 0.3) ** 2 +
    (Number(b) - 0.6) ** 2 +
    (Number(c) - 3) ** 2 +
    10 * (Number(d) - Number(c) - 4) ** 2,
};

describe('cmaes', () => {
  it('cmaes - one run comes to 1e-8 on a narrow turned ellipse', () => {
    const random = createRandom(3);
    const cost = (x: Float64Array): number => {
      const [a = 0, b = 0, c = 0] = x;
      return 1e4 * (a + b - 0.9) ** 2 + (a - b - 0.1) ** 2 + 100 * (c - 0.25) ** 2;
    };
    const axis = domainOf(float);
    const run = new Evolution([axis, axis, axis], 8, Float64Array.of(0.5, 0.5, 0.5));
    let best = Infinity;
    for (let generation = 0; generation < 150 && !run.ended; generation++) {
      const points = Array.from({ length: 8 }, () => run.draw(random)).sort((x, y) => cost(x) - cost(y));
      best = Math.min(best, cost(points[0] ?? new Float64Array()));
      run.advance(points, best);
    }
    expect(best).toBeLessThan(1e-8);
  });

  it('cmaes - a margin keeps the neighbours of a value possible, and changes nothing where they are', () => {
    expect(keepMargin(0.52, 0.2, [0.5, 0.6], 0.05)).toEqual({ mean: 0.52, deviation: 0.2 });
    const outside = ({ mean, deviation }: { mean: number; deviation: number }, cell: number): number => {
      const random = createRandom(1);
      const draws = 20_000;
      let left = 0;
      for (let i = 0; i < draws; i++)
        if (Math.floor((mean + deviation * random.normal()) * 10) !== cell) left++;
      return left / draws;
    };
    // Without it, both would never leave their cell.
    expect(outside(keepMargin(0.55, 1e-4, [0.5, 0.6], 0.05), 5)).toBeGreaterThan(0.035);
    expect(outside(keepMargin(0.02, 1e-3, [0, 0.1], 0.05), 0)).toBeGreaterThan(0.035);
    expect(outside(keepMargin(0.55, 1e-4, [0.5, 0.6], 0.05), 5)).toBeLessThan(0.07);
  });

  it('cmaes - the margin of an int on a logarithmic scale is that of its own cell', () => {
    const domain = domainOf({ kind: 'int', low: 1, high: 64, step: 1, log: true });
    for (const value of [1, 2, 20, 64]) {
      const mean = domain.toUnit(value);
      const kept = keepMargin(mean, 1e-4, domain.cellOf(mean), 0.1);
      const random = createRandom(1);
      const draws = Array.from({ length: 5_000 }, () =>
        domain.fromUnit(Math.min(1, Math.max(0, kept.mean + kept.deviation * random.normal()))),
      );
      const others = draws.filter((drawn) => drawn !== value).length / draws.length;
      expect(Math.abs(others - 0.1)).toBeLessThan(0.02);
    }
  });

  it.each([
    [rosenbrock4, 300, 1],
    [stepped, 300, -1.5],
  ])('cmaes - $name: comes near the optimum, median of three seeds', (problem, trials, most) => {
    const regrets = [1, 2, 3]
      .map((seed) => logRegret(problem, leastValues(problem, 'cmaes', seed, trials).at(-1) ?? Infinity))
      .sort((a, b) => a - b);
    expect(regrets[1]).toBeLessThan(most);
  });

  it('cmaes - a restart goes on as if nothing had happened, whatever failed, and no worker waits', () => {
    const definition = sweepOver(
      '{ a: { float: [0, 1] }, b: { int: [1, 9] } }',
      'search: { sampler: cmaes, trials: 999, seed: 2 }',
    );
    const whole = new Searching(definition);
    const broken = new Searching(definition);
    for (let i = 0; i < 8; i++) {
      // More than a generation has: a second run takes the rest.
      expect(whole.begin(10)).toEqual(broken.begin(10));
      for (const searching of [whole, broken]) {
        searching.end(({ a }, number) =>
          number % 7 === 0 ? { class: FailureClass.Trial, message: 'NaN' } : { y: -Number(a) },
        );
      }
      broken.restart();
    }
    const origins = whole.book.trials.map(({ origin }) => origin as { run: number });
    expect(new Set(origins.map(({ run }) => run)).size).toBeGreaterThan(1);
  });
});

describe('nsga2', () => {
  it('nsga2 - comes nearer to the front of two objectives than random ones, and restarts change nothing', () => {
    const definition = {
      ...definitionOf(
        'name: s\ntrainable: { command: [train] }\nspace: { a: { float: [0, 1] }, b: { float: [0, 1] }, c: [x, y] }\nobjectives: { f: minimize, g: minimize }\nsearch: { sampler: nsga2, trials: 999 }',
      ),
    };
    const excessOf = (sampler: string): number => {
      const searching = new Searching({ ...definition, search: { ...definition.search, sampler } });
      for (let i = 0; i < 20; i++) {
        searching.begin(10);
        searching.end(({ a, b, c }) => {
          const g = 1 + 5 * Number(b) + Number(c === 'y');
          return { f: Number(a), g: g * (1 - Math.sqrt(Number(a) / g)) };
        });
        searching.restart();
      }
      const late = searching.book.trials
        .slice(150)
        .map(({ parameters: p }) => 5 * Number(p['b']) + Number(p['c'] === 'y'));
      return late.reduce((sum, value) => sum + value, 0) / late.length;
    };
    expect(excessOf('nsga2')).toBeLessThan(0.5 * excessOf('random'));
  });
});
