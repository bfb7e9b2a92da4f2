import type { JsonValue } from '../../sweep/json.js';
import type { Parameters } from '../../sweep/parameter.js';
import type { Random } from '../../sweep/random.js';
import type { Trial } from '../../sweep/trial.js';

/** A configuration that a sampler wants tried. */
export interface Suggestion {
  readonly parameters: Parameters;
  /** Stored with the trials and found again in the history as `Trial.origin`. */
  readonly origin?: JsonValue;
}

/**
 * All trials of a sweep so far, queued and running ones included, replicates one by one, by ascending number.
 * `configurations` counts distinct configurations: the next one has this number.
 */
export interface TrialHistory {
  readonly trials: readonly Trial[];
  readonly configurations: number;
}

/**
 * Proposes configurations. Pure: the same history and the same random numbers give the same suggestions.
 * `random` is seeded by the sweep's seed and the number of the next configuration.
 */
export interface Sampler {
  /** At most `count` suggestions; none only where the space has no more to give. */
  suggest(history: TrialHistory, count: number, random: Random): Suggestion[];
  /** Why the last call gave nothing, where that is worth telling the user. */
  whyEnded?(): string | undefined;
}
