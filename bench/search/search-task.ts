import { createSampler } from '../../src/coordinator/search/create-sampler.js';
import { compileSpace } from '../../src/sweep/space.js';
import { searchProblems } from './problems.js';
import { logRegret, search, sweepOf } from './search-run.js';

/** One run of one sampler on one problem. */
export interface SearchTask {
  readonly problem: string;
  readonly sampler: string;
  readonly seed: number;
  readonly trials: number;
}

/** What a thread of the benchmark does: the log regrets after half of the trials and after all of them. */
export function runSearchTask({
  problem: name,
  sampler,
  seed,
  trials,
}: SearchTask): readonly [number, number] {
  const problem = searchProblems.find((candidate) => candidate.name === name);
  if (!problem) throw new Error(`no search problem "${name}"`);
  const definition = sweepOf(problem, sampler, seed, trials);
  const least = search(problem, definition, createSampler(definition, compileSpace(definition)));
  const at = (trial: number): number => logRegret(problem, least[trial - 1] ?? Infinity);
  return [at(trials / 2), at(trials)];
}
