import type { Parameters } from '../../sweep/parameter.js';
import { createRandom, type Random } from '../../sweep/random.js';
import type { Space } from '../../sweep/space.js';
import { drawn } from './drawn.js';
import type { Sampler, Suggestion, TrialHistory } from './sampler.js';

/** How often it is tried to fill in what a configuration leaves out. */
const fillings = 64;

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
      const begun = begunOf(history);
      if (begun >= first.length) return sampler.suggest(history, count, random);
      return first.slice(begun, begun + count).map(({ parameters, ...rest }, i) => ({
        ...rest,
        parameters: completed(space, createRandom(seed, history.configurations + i), parameters),
      }));
    },
    isWaiting: (history) => sampler.isWaiting?.(history) ?? false,
    whyEnded: () => sampler.whyEnded?.(),
  };
}

/**
 * How many of the first configurations were proposed already: they say so in their origin, for a user may add others
 * between them.
 */
function begunOf({ trials }: TrialHistory): number {
  const begun = new Set<number>();
  for (const { configuration, origin } of trials) {
    if (typeof origin === 'object' && origin !== null && ('startWith' in origin || 'warmStart' in origin)) {
      begun.add(configuration);
    }
  }
  return begun.size;
}

/** The check of the sweep found a filling in one call: some of many will, too, however narrow the constraints are. */
function completed(space: Space, random: Random, given: Parameters): Parameters {
  for (let i = 1; i < fillings; i++) {
    const parameters = drawn(space, random, given);
    if (parameters) return parameters;
  }
  return space.random(random, given);
}
