import type { Parameters } from '../../sweep/parameter.js';
import { createRandom } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import type { Sampler, Suggestion } from './sampler.js';

/**
 * Proposes the configurations of `search.startWith` first, then those of `next` (the best of earlier sweeps), then what
 * the sampler proposes. Parameters that they leave out are filled in at random, from the sweep's seed and the
 * configuration's number.
 */
export function startingWith(
  configurations: readonly Parameters[],
  next: readonly Suggestion[],
  sampler: Sampler,
  space: Space,
  seed: number,
): Sampler {
  const first: readonly Suggestion[] = [
    ...configurations.map((parameters, i) => ({ parameters, origin: { startWith: i } })),
    ...next,
  ];
  if (first.length === 0) return sampler;
  return {
    suggest: (history, count, random): Suggestion[] => {
      if (history.configurations >= first.length) return sampler.suggest(history, count, random);
      return first
        .slice(history.configurations, history.configurations + count)
        .map(({ parameters, ...rest }, i) => ({
          ...rest,
          parameters: space.random(createRandom(seed, history.configurations + i), parameters),
        }));
    },
    whyEnded: () => sampler.whyEnded?.(),
  };
}
