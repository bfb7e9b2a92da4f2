import type { Parameters } from '../../sweep/parameter.js';
import { createRandom } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import type { Sampler, Suggestion } from './sampler.js';

/**
 * Proposes the configurations of `search.startWith` first, then what the sampler proposes. Parameters that they leave
 * out are filled in at random, from the sweep's seed and the configuration's number.
 */
export function startingWith(
  configurations: readonly Parameters[],
  sampler: Sampler,
  space: Space,
  seed: number,
): Sampler {
  if (configurations.length === 0) return sampler;
  return {
    suggest: (history, count, random): Suggestion[] => {
      if (history.configurations >= configurations.length) return sampler.suggest(history, count, random);
      return configurations.slice(history.configurations, history.configurations + count).map((given, i) => ({
        parameters: space.random(createRandom(seed, history.configurations + i), given),
        origin: { startWith: history.configurations + i },
      }));
    },
  };
}
