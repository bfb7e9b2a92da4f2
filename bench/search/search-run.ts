import { expand } from '../../src/coordinator/runner/planning.js';
import { TrialBook } from '../../src/coordinator/runner/trial-book.js';
import { createSampler } from '../../src/coordinator/search/create-sampler.js';
import type { Sampler } from '../../src/coordinator/search/sampler.js';
import type { Parameters } from '../../src/sweep/parameter.js';
import { createRandom } from '../../src/sweep/random.js';
import { compileSpace } from '../../src/sweep/space.js';
import { Direction, type SweepDefinition } from '../../src/sweep/sweep-definition.js';
import { TrialState, type Metrics } from '../../src/sweep/trial.js';
import type { SearchCase } from './cases.js';

/** The sweep that searches a space with one sampler; `value`, `value2`, ... are to be minimised. */
export function sweepOf(
  { name, space, objectives = 1 }: Pick<SearchCase, 'name' | 'space'> & { readonly objectives?: number },
  sampler: string,
  seed: number,
  trials: number,
): SweepDefinition {
  return {
    name,
    trainable: { kind: 'builtin', name: 'none' },
    fixed: {},
    space,
    constraints: [],
    objectives: Object.fromEntries(metricNames(objectives).map((metric) => [metric, Direction.Minimize])),
    limits: [],
    search: { sampler, trials, seed, startWith: [] },
    replicates: 1,
    budget: {},
    trial: { retries: 0 },
    workers: { pool: 'default', pack: 1 },
  };
}

function metricNames(objectives: number): string[] {
  return Array.from({ length: objectives }, (_, i) => (i === 0 ? 'value' : `value${i + 1}`));
}

/**
 * Trials one after the other, each ended with what `measure` says before the next is asked for; with several workers,
 * so many run at once, and each time the one that began first ends and another begins. `after` is called after each.
 */
export function search(
  definition: SweepDefinition,
  sampler: Sampler,
  measure: (parameters: Parameters, seed: number) => readonly number[],
  workers = 1,
  after?: (book: TrialBook) => void,
): TrialBook {
  const trials = definition.search.trials ?? 0;
  const { seed } = definition.search;
  const names = Object.keys(definition.objectives);
  const book = new TrialBook();
  for (let ended = 0; ended < trials; ended++) {
    const room = Math.min(workers - book.active.size, trials - book.size);
    if (room > 0) {
      const suggestions = sampler.suggest(book, room, createRandom(seed, book.configurations));
      const next = { number: book.size, configuration: book.configurations };
      for (const active of book.add('search', expand(definition, suggestions, next), 0)) {
        book.started(active, 1, 'worker', 0);
      }
    }
    const [first] = book.active.values();
    if (!first) break;
    const values = measure(first.trial.parameters, first.trial.seed);
    const metrics: Metrics = Object.fromEntries(names.map((name, i) => [name, values[i] ?? NaN]));
    first.trial.metrics = metrics;
    book.finished(first, TrialState.Completed, 0);
    after?.(book);
  }
  return book;
}

/** A search of a function of one value with a sampler by its name: the least value found after each trial. */
export function leastValues(
  problem: Pick<SearchCase, 'name' | 'space'> & { value(parameters: Parameters): number },
  sampler: string,
  seed: number,
  trials: number,
  workers = 1,
): number[] {
  const definition = sweepOf(problem, sampler, seed, trials);
  const least: number[] = [];
  const measure = (parameters: Parameters): readonly number[] => {
    const value = problem.value(parameters);
    least.push(Math.min(value, least.at(-1) ?? Infinity));
    return [value];
  };
  search(definition, createSampler(definition, compileSpace(definition)), measure, workers);
  return least;
}
