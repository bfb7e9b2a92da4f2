import { Features } from '../../src/coordinator/search/gp/features.js';
import { modelsOf } from '../../src/coordinator/search/gp/models.js';
import { observe } from '../../src/coordinator/search/gp/observations.js';
import type { TrialHistory } from '../../src/coordinator/search/sampler.js';
import { compileLimits } from '../../src/sweep/limits.js';
import type { Space } from '../../src/sweep/space.js';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.js';

/**
 * The number of the configuration that is expected to be the best in the primary objective, among the feasible ones that
 * were tried: by the mean of a Gaussian process, which learns from the results around as well. Where results are noisy,
 * the best value that was seen is mostly luck. Undefined as long as nothing feasible is known.
 */
export function recommend(
  definition: Pick<SweepDefinition, 'objectives' | 'limits' | 'fixed'>,
  space: Space,
  history: TrialHistory,
): number | undefined {
  const features = new Features(space);
  const { known } = observe(history, definition.objectives, compileLimits(definition));
  const configurations = new Map<Float64Array, number>();
  const samples = known.map(({ configuration, parameters, costs, count, feasible }) => {
    const x = features.of(parameters);
    configurations.set(x, configuration);
    const cost = costs?.[0];
    return cost === undefined ? { x, count, feasible } : { x, count, feasible, cost };
  });
  const { incumbent } = modelsOf(features, samples, 1);
  return incumbent && configurations.get(incumbent);
}
