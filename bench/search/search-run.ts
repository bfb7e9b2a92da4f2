import { expand } from '../../src/coordinator/runner/planning.js';
import { TrialBook } from '../../src/coordinator/runner/trial-book.js';
import type { Sampler } from '../../src/coordinator/search/sampler.js';
import { createRandom } from '../../src/sweep/random.js';
import { Direction, type SweepDefinition } from '../../src/sweep/sweep-definition.js';
import { TrialState } from '../../src/sweep/trial.js';
import type { SearchProblem } from './problems.js';

/** The sweep that searches a problem with one sampler, for its least `value`. */
export function sweepOf(
  problem: Pick<SearchProblem, 'name' | 'space'>,
  sampler: string,
  seed: number,
  trials: number,
): SweepDefinition {
  return {
    name: problem.name,
    trainable: { kind: 'builtin', name: 'none' },
    fixed: {},
    space: problem.space,
    constraints: [],
    objectives: { value: Direction.Minimize },
    limits: [],
    search: { sampler, trials, seed, startWith: [] },
    replicates: 1,
    budget: {},
    trial: { retries: 0 },
    workers: { pool: 'default', pack: 1 },
  };
}

/**
 * The least value found after each trial. `workers` trials run at once: each time the one that began first ends, and
 * another begins.
 */
export function search(
  problem: SearchProblem,
  definition: SweepDefinition,
  sampler: Sampler,
  workers = 1,
): number[] {
  const trials = definition.search.trials ?? 0;
  const { seed } = definition.search;
  const book = new TrialBook();
  const least: number[] = [];
  while (least.length < trials) {
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
    const value = problem.value(first.trial.parameters);
    first.trial.metrics = { value };
    book.finished(first, TrialState.Completed, 0);
    least.push(Math.min(value, least.at(-1) ?? Infinity));
  }
  return least;
}

/** How far from the optimum, as a power of ten; at least -12. */
export function logRegret(problem: SearchProblem, value: number): number {
  return Math.log10(Math.max(1e-12, value - problem.optimum));
}
