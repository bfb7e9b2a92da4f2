import type { JsonValue } from '../../sweep/json.js';
import type { Parameters } from '../../sweep/parameter.js';
import type { Random } from '../../sweep/random.js';
import type { Trial } from '../../sweep/trial.js';
import type { CurveModel } from './gp/curve-model.js';

/** A configuration that a sampler wants tried. */
export interface Suggestion {
  readonly parameters: Parameters;
  /** Stored with the trials and found again in the history as `Trial.origin`. */
  readonly origin?: JsonValue;
  /** Where more was decided than what to try next: stored with the trial. The reason begins with the sampler's name. */
  readonly decision?: { readonly action: string; readonly reason: string };
}

/**
 * All trials of a sweep so far, queued and running ones included, replicates one by one, by ascending number.
 * `configurations` counts distinct configurations: the next one has this number.
 */
export interface TrialHistory {
  readonly trials: readonly Trial[];
  readonly configurations: number;
  /** What trials reported on their way, where a pruner keeps it for samplers. */
  readonly curves?: Curves;
}

/** What trials have reported at the steps at which a pruner judges them. */
export interface Curves {
  /** The metric that was reported. */
  readonly metric: string;
  /** Whether a trial has got to one of these steps. */
  has(number: number): boolean;
  /** The model of what is known now; undefined as long as that is too little. */
  model(): CurveModel | undefined;
}

/**
 * Proposes configurations. Pure: the same history and the same random numbers give the same suggestions.
 * `random` is seeded by the sweep's seed and the number of the next configuration.
 */
export interface Sampler {
  /** At most `count` suggestions; none only where the space has no more to give, or `isWaiting`. */
  suggest(history: TrialHistory, count: number, random: Random): Suggestion[];
  /** Whether it has nothing to give now, but may have when a trial that is under way has ended. Absent: never. */
  isWaiting?(history: TrialHistory): boolean;
  /** Numbers of completed trials from whose checkpoints later suggestions may go on. Absent: none. */
  goesOnFrom?(history: TrialHistory): ReadonlySet<number>;
  /** Why the last call gave nothing, where that is worth telling the user. */
  whyEnded?(): string | undefined;
}
