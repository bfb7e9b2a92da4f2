import { createSampler } from '../../src/coordinator/search/create-sampler.js';
import { createRandom } from '../../src/sweep/random.js';
import { compileSpace } from '../../src/sweep/space.js';
import { searchCases, type Outcome } from './cases.js';
import { recommend } from './recommend.js';
import { search, sweepOf } from './search-run.js';

/** One run of one of our samplers. */
export interface SearchTask {
  readonly case: string;
  readonly sampler: string;
  readonly seed: number;
}

/** What a thread of the benchmark does: the figures of a case at its marks. */
export function runSearchTask({ case: name, sampler, seed }: SearchTask): readonly number[] {
  const found = searchCases.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no search case "${name}"`);
  const { marks, noise, workers } = found;
  const definition = sweepOf(found, sampler, seed, marks.at(-1) ?? 0);
  const space = compileSpace(definition);
  const outcomes: Outcome[] = [];
  const figures: number[] = [];
  search(
    definition,
    createSampler(definition, space),
    (parameters, trialSeed) => {
      const values = found.values(parameters);
      const truth = values[0] ?? NaN;
      // The noise is the trial's own, so it is the same for whoever proposes it.
      const measured = noise > 0 ? [truth + noise * createRandom(trialSeed).normal()] : values;
      outcomes.push({ values: measured, truth });
      return measured;
    },
    workers,
    (book) => {
      if (!marks.includes(outcomes.length)) return;
      const recommended = noise > 0 ? recommend(definition, space, book) : undefined;
      figures.push(found.figure(outcomes, recommended ?? 0));
    },
  );
  return figures;
}
