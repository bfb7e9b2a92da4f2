import { describe, expect, it } from 'vitest';
import { branin, hartmann6, type SearchProblem } from '../../../bench/search/problems.js';
import { search, sweepOf } from '../../../bench/search/search-run.js';
import { createSampler } from '../../../src/coordinator/search/create-sampler.js';
import type { Sampler } from '../../../src/coordinator/search/sampler.js';
import { earlierResults, type EarlierSweep } from '../../../src/coordinator/search/warm/earlier-results.js';
import { firstTries } from '../../../src/coordinator/search/warm/first-tries.js';
import { warmStartText } from '../../../src/coordinator/search/warm/warm-start-text.js';
import type { Parameters } from '../../../src/sweep/parameter.js';
import { createRandom } from '../../../src/sweep/random.js';
import { availableSamplers } from '../../../src/sweep/samplers.js';
import { compileSpace } from '../../../src/sweep/space.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import { sweepOver } from '../definitions.js';

type Measure = (parameters: Parameters) => number;

function swept(definition: SweepDefinition, measure: Measure): EarlierSweep {
  const { trials } = search(definition, createSampler(definition, compileSpace(definition)), (parameters) => [
    measure(parameters),
  ]);
  return { name: definition.name, definition, trials };
}

/** The problem moved by 4% of its space, on another scale. */
function similarTo(problem: SearchProblem): Measure {
  return (parameters) => {
    const moved = Object.entries(parameters).map(([name, x]) => {
      const entry = problem.space[name];
      return [name, Number(x) + (entry?.kind === 'float' ? 0.04 * (entry.high - entry.low) : 0)] as const;
    });
    return 3 * problem.value(Object.fromEntries(moved)) + 7;
  };
}

/** How many trials it takes to come so near to the optimum; at most `trials`. */
function trialsTo(
  regret: number,
  definition: SweepDefinition,
  problem: SearchProblem,
  earlier: EarlierSweep[],
) {
  const sampler = createSampler(definition, compileSpace(definition), earlier);
  let isNear = false;
  const untilNear: Sampler = {
    suggest: (history, count, random) => (isNear ? [] : sampler.suggest(history, count, random)),
  };
  const book = search(definition, untilNear, (parameters) => {
    const value = problem.value(parameters);
    isNear ||= value <= problem.optimum + regret;
    return [value];
  });
  return book.size;
}

interface Case {
  readonly problem: SearchProblem;
  readonly sampler: string;
  readonly regret: number;
  readonly trials: number;
  readonly seeds: number;
}

/** The mean over seeds, without and with an earlier sweep of 60 trials by tpe. */
function needed(
  { problem, sampler, regret, trials, seeds }: Case,
  measure: Measure,
): { cold: number; warm: number } {
  let [cold, warm] = [0, 0];
  for (let seed = 1; seed <= seeds; seed++) {
    const definition = sweepOf(problem, sampler, seed, trials);
    const earlier = swept(sweepOf(problem, 'tpe', seed + 100, 60), measure);
    cold += trialsTo(regret, definition, problem, []) / seeds;
    warm += trialsTo(regret, definition, problem, [earlier]) / seeds;
  }
  return { cold, warm };
}

describe('warm start - does it pay', () => {
  it.each([
    // The first tries alone seldom come so near: the model does.
    { problem: hartmann6, sampler: 'gp', regret: 0.3, trials: 30, seeds: 4, part: 0.5 },
    { problem: hartmann6, sampler: 'tpe', regret: 0.6, trials: 60, seeds: 6, part: 0.5 },
    { problem: hartmann6, sampler: 'random', regret: 0.6, trials: 60, seeds: 6, part: 0.5 },
  ])('warm start - $sampler needs clearly fewer trials on $problem.name after a similar sweep', (given) => {
    const { cold, warm } = needed(given, similarTo(given.problem));
    expect(warm).toBeLessThan(given.part * cold);
  });

  it.each([
    { problem: branin, sampler: 'gp', regret: 0.1, trials: 25, seeds: 6 },
    { problem: branin, sampler: 'tpe', regret: 1, trials: 50, seeds: 10 },
  ])('warm start - $sampler needs hardly more trials after a misleading sweep', (given) => {
    const { cold, warm } = needed(given, (parameters) => -given.problem.value(parameters));
    expect(warm).toBeLessThan(1.25 * cold + 3);
  });
});

describe('warm start - what earlier sweeps say', () => {
  const then = sweepOver(
    '{ lr: { float: [1e-5, 1], log: true }, size: { int: [1, 9] }, act: [relu, tanh, elu], old: [1, 2] }',
    'fixed: { dropout: 0.2 }\nsearch: { sampler: random, trials: 60, seed: 3 }',
  );
  const best: Measure = ({ lr, size, act }) =>
    -((Math.log10(Number(lr)) + 2) ** 2) - (Number(size) - 6) ** 2 / 9 - (act === 'tanh' ? 0 : 1);
  const earlier = swept(then, best);
  const now = sweepOver(
    '{ lr: { float: [1e-4, 1e-1], log: true }, act: [relu, tanh], dropout: { float: [0, 0.5] } }',
    "fixed: { size: 4 }\nconstraints: ['lr <= 0.05']\nsearch: { sampler: random, trials: 9 }",
  );
  const space = compileSpace(now);

  it('warm start - trials outside the present space are left out, fixed values are filled in', () => {
    const { results } = earlierResults(now, space, earlier);
    const fitting = earlier.trials.filter(
      ({ parameters: { lr, act } }) => Number(lr) >= 1e-4 && Number(lr) <= 0.05 && act !== 'elu',
    );
    expect(results).toHaveLength(fitting.length);
    expect(fitting.length).toBeGreaterThan(5);
    for (const { parameters } of results) {
      expect(Object.keys(parameters).sort()).toEqual(['act', 'dropout', 'lr']);
      expect(parameters['dropout']).toBe(0.2);
    }
    const costs = results.map(({ cost }) => cost);
    expect(costs).toEqual([...costs].sort((a, b) => a - b));
    expect(costs[0]).toBeCloseTo(-Math.max(...fitting.map(({ metrics }) => metrics['y'] ?? NaN)), 12);
    expect(warmStartText(now, space, [earlier])).toBe(
      `warm start: ${results.length} configurations of test (60 trials completed) fit this space`,
    );
  });

  it('warm start - a parameter that no trial has a value for leaves nothing', () => {
    const wider = sweepOver('{ lr: { float: [0, 1] }, fresh: { float: [0, 1] } }', 'search: { trials: 3 }');
    const widerSpace = compileSpace(wider);
    expect(earlierResults(wider, widerSpace, earlier).results).toEqual([]);
    const cold = createSampler(wider, widerSpace).suggest(
      { trials: [], configurations: 0 },
      3,
      createRandom(1),
    );
    const warm = createSampler(wider, widerSpace, [earlier]);
    expect(warm.suggest({ trials: [], configurations: 0 }, 3, createRandom(1))).toEqual(cold);
  });

  it('warm start - the first tries are the best ones, different, in turn of each sweep, the same each time', () => {
    const other = { ...earlier, name: 'other' };
    const tries = firstTries(space, [earlierResults(now, space, earlier), earlierResults(now, space, other)]);
    expect(tries.map(({ origin }) => origin)).toEqual([
      { warmStart: 'test' },
      { warmStart: 'other' },
      { warmStart: 'test' },
    ]);
    expect(new Set(tries.map(({ parameters }) => space.key(parameters))).size).toBe(3);
    expect(tries[0]?.parameters['act']).toBe('tanh');
    const suggest = () =>
      createSampler(now, space, [earlier]).suggest({ trials: [], configurations: 0 }, 4, createRandom(1));
    expect(suggest()).toEqual(suggest());
    expect(suggest()).toHaveLength(3);
  });

  // pbt goes on with what it has: test/coordinator/search/pbt.test.ts.
  const searching = availableSamplers.filter((sampler) => sampler !== 'pbt');
  it.each(searching)('warm start - %s tries the best first, and nothing twice', (sampler) => {
    const definition = sweepOver(
      '{ lr: { int: [1, 9] }, size: { int: [1, 9] } }',
      `search: { sampler: ${sampler}, trials: 24, startWith: [{ lr: 1, size: 1 }] }`,
    );
    const value: Measure = ({ lr, size }) => -((Number(lr) - 3) ** 2) - (Number(size) - 6) ** 2;
    const past = swept({ ...definition, search: { ...definition.search, sampler: 'random' } }, value);
    const suggester = createSampler(definition, compileSpace(definition), [past]);
    const { trials } = search(definition, suggester, (parameters) => [value(parameters)], 3);
    expect(trials.slice(0, 4).map(({ origin }) => Object.keys(origin ?? {}))).toEqual([
      ['startWith'],
      ['warmStart'],
      ['warmStart'],
      ['warmStart'],
    ]);
    expect(value(trials[1]?.parameters ?? {})).toBeGreaterThan(-6);
    expect(trials).toHaveLength(24);
    expect(new Set(trials.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(24);
  });

  it('warm start - what startWith has already is not tried again', () => {
    const [first] = firstTries(space, [earlierResults(now, space, earlier)]);
    if (!first) throw new Error('there is no first try');
    const given = { ...now, search: { ...now.search, startWith: [first.parameters] } };
    const none = { trials: [], configurations: 0 };
    const suggested = createSampler(given, space, [earlier]).suggest(none, 9, createRandom(1));
    expect(suggested[0]).toEqual({ parameters: first.parameters, origin: { startWith: 0 } });
    expect(new Set(suggested.map(({ parameters }) => space.key(parameters))).size).toBe(suggested.length);
    expect(suggested).toHaveLength(3);
  });
});
