import { describe, expect, it } from 'vitest';
import { logRegret } from '../../../bench/search/cases.js';
import { branin, mixedConditional } from '../../../bench/search/problems.js';
import { leastValues } from '../../../bench/search/search-run.js';
import { expand } from '../../../src/coordinator/runner/planning.js';
import { TrialBook, type ActiveTrial } from '../../../src/coordinator/runner/trial-book.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import type { Sampler } from '../../../src/coordinator/search/sampler.js';
import type { Parameters } from '../../../src/sweep/parameter.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { FailureClass, TrialState, type Metrics } from '../../../src/sweep/trial.js';
import { sweepOver } from '../definitions.js';

type Result = Metrics | typeof FailureClass.Trial;

/** Suggests `size` configurations at a time to the end of `trials`, and lets them end as `result` says. */
function run(
  definition: SweepDefinition,
  result: (parameters: Parameters, seed: number) => Result,
  size = 1,
): TrialBook {
  const space = compileSpace(definition);
  const sampler = createSampler(definition, space);
  const book = new TrialBook();
  const trials = definition.search.trials ?? 0;
  while (book.size < trials) {
    const added = ask(definition, sampler, book, Math.min(size, trials - book.size));
    if (added.length === 0) break;
    for (const active of added) end(book, active, result(active.trial.parameters, active.trial.seed));
  }
  return book;
}

function ask(definition: SweepDefinition, sampler: Sampler, book: TrialBook, count: number): ActiveTrial[] {
  const random = createRandom(definition.search.seed, book.configurations);
  const suggestions = sampler.suggest(book, count, random);
  const next = { number: book.size, configuration: book.configurations };
  const added = book.add('s', expand(definition, suggestions, next), 0);
  for (const active of added) book.started(active, 1, 'w', 0);
  return added;
}

function end(book: TrialBook, active: ActiveTrial, result: Result): void {
  if (typeof result === 'string') {
    active.trial.failure = { class: result, message: 'diverged' };
    book.finished(active, TrialState.Failed, 0);
  } else {
    active.trial.metrics = result;
    book.finished(active, TrialState.Completed, 0);
  }
}

const number = (parameters: Parameters, name: string): number => Number(parameters[name]);
const keys = (book: TrialBook): string[] => book.trials.map(({ parameters }) => JSON.stringify(parameters));

describe('gp - suggestions', () => {
  it.each([
    { problem: branin, trials: 30 },
    { problem: mixedConditional, trials: 50 },
  ])(
    'gp - $problem.name: $trials trials come ten times nearer than 60 random ones',
    ({ problem, trials }) => {
      const regret = (sampler: string, seed: number, count: number): number => {
        return logRegret(problem, leastValues(problem, sampler, seed, count).at(-1) ?? NaN);
      };
      const median = (sampler: string, count: number): number =>
        [1, 2, 3].map((seed) => regret(sampler, seed, count)).sort((a, b) => a - b)[1] ?? NaN;
      expect(median('gp', trials)).toBeLessThan(median('random', 60) - 1);
    },
    // Seconds on a quiet machine; whether they are few is not the question here.
    120_000,
  );

  it('gp - the same suggestions after a restart, and others for another seed', () => {
    const of = (seed: number): SweepDefinition =>
      sweepOver(
        '{ a: { float: [0, 1] }, b: { int: [1, 9] }, c: [x, y], d: { float: [1e-4, 1], log: true, when: \'c == "x"\' } }',
        `search: { sampler: gp, trials: 24, seed: ${seed} }`,
      );
    const value = (p: Parameters): Metrics => ({ y: -((number(p, 'a') - 0.3) ** 2) - number(p, 'b') / 9 });
    const [whole, again] = [run(of(1), value, 2), run(of(1), value, 2)];
    expect(keys(again)).toEqual(keys(whole));
    expect(keys(run(of(2), value, 2))).not.toEqual(keys(whole));
    const fresh = createSampler(of(1), compileSpace(of(1))).suggest(whole, 2, createRandom(1, 24));
    const used = createSampler(of(1), compileSpace(of(1)));
    used.suggest(again, 1, createRandom(1, 24));
    expect(used.suggest(again, 2, createRandom(1, 24))).toEqual(fresh);
  });

  it('gp - sixteen at once keep apart, and from what runs', () => {
    const definition = sweepOver(
      '{ a: { float: [0, 1] }, b: { float: [0, 1] } }',
      'search: { sampler: gp, trials: 52, seed: 1 }',
    );
    const first = { ...definition, search: { ...definition.search, trials: 20 } };
    const book = run(first, (p) => ({
      y: Math.sin(9 * number(p, 'a')) * Math.cos(7 * number(p, 'b')),
    }));
    const sampler = createSampler(definition, compileSpace(definition));
    ask(definition, sampler, book, 16);
    ask(definition, sampler, book, 16);
    const running = [...book.active.values()].map(({ trial }) => trial.parameters);
    expect(running).toHaveLength(32);
    const distances = running.flatMap((p, i) =>
      running
        .slice(0, i)
        .map((q) => Math.hypot(number(p, 'a') - number(q, 'a'), number(p, 'b') - number(q, 'b'))),
    );
    expect(Math.min(...distances)).toBeGreaterThan(1e-3);
    expect(distances.filter((distance) => distance < 0.01).length).toBeLessThan(distances.length / 10);
  });

  it('gp - tries nothing twice where the optimum is soon known', () => {
    const definition = sweepOver(
      '{ a: { float: [1e-5, 1], log: true }, b: [x, y, z] }',
      'search: { sampler: gp, trials: 60, seed: 3 }',
    );
    const book = run(
      definition,
      (p) => ({ y: -((Math.log10(number(p, 'a')) + 2) ** 2) - Number(p['b'] === 'y') }),
      4,
    );
    expect(new Set(keys(book)).size).toBe(60);
  });

  it('gp - tries each configuration of a finite space once, then has no more', () => {
    const definition = sweepOver(
      '{ a: { int: [1, 6] }, b: [x, y, z] }',
      "constraints: ['a != 3']\nsearch: { sampler: gp, trials: 99 }",
    );
    const book = run(definition, (p) => ({ y: number(p, 'a') }), 2);
    expect(book.size).toBe(15);
    expect(new Set(keys(book)).size).toBe(15);
  });
});

describe('gp - where results do not count', () => {
  const space = '{ a: { float: [0, 1] }, b: { float: [0, 1] } }';
  /** Best at (1, 1), where nothing is feasible. */
  const sum = (p: Parameters): number => number(p, 'a') + number(p, 'b');

  it('gp - learns where limits are broken, and goes to their edge', () => {
    const definition = sweepOver(space, "limits: ['memory <= 1']\nsearch: { sampler: gp, trials: 40 }");
    const book = run(definition, (p) => ({ y: sum(p), memory: sum(p) ** 2 }));
    const feasible = book.trials.filter(({ metrics }) => (metrics['memory'] ?? 2) <= 1);
    // Of 40 random trials, the best feasible one reaches 0.998 once in twelve sweeps.
    expect(Math.max(...feasible.map(({ metrics }) => metrics['y'] ?? 0))).toBeGreaterThan(0.998);
  });

  it('gp - learns where trials fail', () => {
    const definition = sweepOver(space, 'search: { sampler: gp, trials: 40 }');
    const book = run(definition, (p) => (sum(p) > 1 ? FailureClass.Trial : { y: sum(p) }));
    const late = book.trials.slice(20);
    expect(late.filter(({ state }) => state === TrialState.Completed).length).toBeGreaterThan(6);
    expect(Math.max(...book.trials.map(({ metrics }) => metrics['y'] ?? 0))).toBeGreaterThan(0.95);
  });

  it('gp - goes on where everything fails, and where every result is the same', () => {
    const definition = sweepOver(space, 'search: { sampler: gp, trials: 20 }');
    expect(run(definition, () => FailureClass.Trial).size).toBe(20);
    expect(run(definition, () => ({ y: 1 })).size).toBe(20);
    expect(run(definition, (p) => ({ y: number(p, 'a') > 0.5 ? 1e308 : -1e308 })).size).toBe(20);
  });

  it('gp - holds constraints between parameters', () => {
    const definition = sweepOver(space, "constraints: ['a + b <= 1']\nsearch: { sampler: gp, trials: 25 }");
    const book = run(definition, (p) => ({ y: sum(p) }));
    expect(Math.max(...book.trials.map(({ parameters }) => sum(parameters)))).toBeLessThanOrEqual(1);
    expect(Math.max(...book.trials.map(({ metrics }) => metrics['y'] ?? 0))).toBeGreaterThan(0.99);
  });
});

describe('gp - noise and several objectives', () => {
  it('gp - under noise, most late suggestions are near the optimum', () => {
    const definition = sweepOver(
      '{ a: { float: [0, 1] }, b: { float: [0, 1] } }',
      'replicates: 2\nsearch: { sampler: gp, trials: 80 }',
    );
    const book = run(definition, (p, seed) => ({
      y:
        -4 * (number(p, 'a') - 0.7) ** 2 -
        4 * (number(p, 'b') - 0.2) ** 2 +
        0.1 * createRandom(seed).normal(),
    }));
    const late = book.trials
      .slice(50)
      .map(({ parameters: p }) => Math.hypot(number(p, 'a') - 0.7, number(p, 'b') - 0.2));
    expect(late.sort((a, b) => a - b)[Math.floor(late.length / 2)]).toBeLessThan(0.2);
  });

  it('gp - under noise, too, it goes beyond the valley that it knows', () => {
    const bump = (p: Parameters, a: number, b: number, width: number): number =>
      Math.exp(-((number(p, 'a') - a) ** 2 + (number(p, 'b') - b) ** 2) / (2 * width ** 2));
    const truth = (p: Parameters): number => 0.8 * bump(p, 0.25, 0.3, 0.3) + 1.07 * bump(p, 0.8, 0.75, 0.08);
    const found = [1, 2, 3].map((seed) => {
      const definition = sweepOver(
        '{ a: { float: [0, 1] }, b: { float: [0, 1] } }',
        `search: { sampler: gp, trials: 100, seed: ${seed} }`,
      );
      const book = run(definition, (p, trial) => ({ y: truth(p) + 0.1 * createRandom(trial).normal() }));
      const descents = book.trials.filter(({ origin }) => JSON.stringify(origin).includes('descent'));
      expect(descents.length).toBeGreaterThan(4);
      return Math.max(...book.trials.map(({ parameters }) => truth(parameters)));
    });
    // The narrow one, which none of these sees as long as the wide one promises something below the noise.
    expect(Math.max(...found)).toBeGreaterThan(1);
  });

  it('gp - two objectives: finds both ends of the front and its middle', () => {
    const definition = {
      ...sweepOver(
        '{ a: { float: [0, 1] }, b: { float: [0, 1] }, c: { float: [0, 1] } }',
        'search: { sampler: gp, trials: 40 }',
      ),
      objectives: { f: 'minimize', g: 'minimize' } as const,
    };
    // The front is b = c = 0.5, any a: g = 1 - sqrt(f).
    const book = run(definition, (p) => {
      const excess = 1 + 9 * ((number(p, 'b') - 0.5) ** 2 + (number(p, 'c') - 0.5) ** 2);
      const f = number(p, 'a');
      return { f, g: excess * (1 - Math.sqrt(f / excess)) };
    });
    const gap = (low: number, high: number): number =>
      Math.min(
        ...book.trials
          .filter(({ metrics }) => (metrics['f'] ?? -1) >= low && (metrics['f'] ?? 2) <= high)
          .map(({ metrics }) => (metrics['g'] ?? 9) - (1 - Math.sqrt(metrics['f'] ?? 0))),
      );
    expect(gap(0, 0.1)).toBeLessThan(0.1);
    expect(gap(0.2, 0.6)).toBeLessThan(0.1);
    expect(gap(0.7, 1)).toBeLessThan(0.1);
  });
});
