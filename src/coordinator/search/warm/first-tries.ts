import type { Parameters } from '../../../sweep/parameter.js';
import type { Space } from '../../../sweep/space.js';
import { Features } from '../gp/features.js';
import { earlierModel } from '../gp/models.js';
import type { Suggestion } from '../sampler.js';
import { fewestEarlier, type EarlierResults } from './earlier-results.js';

/** How many of the earlier sweeps' best configurations are tried first, all together. */
const mostFirst = 3;
/** In one parameter at least they are this far apart, as part of its range, or another choice. */
const apart = 0.1;

/**
 * The best configurations of earlier sweeps, different from each other: in turn one of each sweep, the first of them
 * first. Which are the best a Gaussian process says where there are results enough, for under noise the best value is
 * mostly luck.
 */
export function firstTries(space: Space, earlier: readonly EarlierResults[]): Suggestion[] {
  const features = new Features(space);
  const bySweep = earlier.map((results) => ({ sweep: results.sweep, best: expectedBest(features, results) }));
  const found: Suggestion[] = [];
  const taken: Float64Array[] = [];
  while (found.length < mostFirst && bySweep.some(({ best }) => best.length > 0)) {
    for (const { sweep, best } of bySweep) {
      let next = best.shift();
      while (next && !taken.every((other) => isApart(features, features.of(next as Parameters), other)))
        next = best.shift();
      if (!next || found.length === mostFirst) continue;
      taken.push(features.of(next));
      found.push({ parameters: next, origin: { warmStart: sweep } });
    }
  }
  return found;
}

function expectedBest(features: Features, { results }: EarlierResults): Parameters[] {
  if (results.length < fewestEarlier) return results.map(({ parameters }) => parameters);
  const samples = results.map(({ parameters, cost, count }) => {
    return { parameters, x: features.of(parameters), cost, count, feasible: true };
  });
  const model = earlierModel(features, samples);
  return samples
    .map(({ parameters, x }) => ({ parameters, expected: model.expect(x) }))
    .sort((a, b) => a.expected - b.expected)
    .map(({ parameters }) => parameters);
}

function isApart({ unordered }: Features, a: Float64Array, b: Float64Array): boolean {
  return a.some((value, k) => {
    const other = b[k] as number;
    return unordered[k] === 1 ? value !== other : Math.abs(value - other) >= apart;
  });
}
