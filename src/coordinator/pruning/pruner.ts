import type { Metrics, Trial } from '../../sweep/trial.js';
import type { Curves } from '../search/sampler.js';

/**
 * What becomes of a trial after a report. `pause`: it may go on later, from its checkpoint. `finish`: it ends here, and
 * what it has reported is its result.
 */
export type Decision =
  { readonly action: 'continue' } | { readonly action: 'stop' | 'pause' | 'finish'; readonly reason: string };

/** Something that happens to a trial, and why. */
export interface Verdict {
  readonly number: number;
  readonly reason: string;
}

/** A configuration of which no more replicates are worth training. */
export interface ConfigurationVerdict {
  readonly configuration: number;
  readonly reason: string;
}

/** What a pruner knows of a trial that it judges. */
export type JudgedTrial = Pick<Trial, 'number' | 'configuration' | 'parameters'>;

/**
 * Decides which trials are worth going on with. No I/O, no clock and no random numbers: what it knows follows from the
 * reports and results it was given, and does not depend on their order among trials. So a restarted coordinator gives
 * it the stored ones, and it decides as if nothing had happened. Reasons begin with the pruner's name.
 */
export interface Pruner {
  /** It stops what is worse than others; else each trial is judged by itself. */
  readonly compares: boolean;
  /** Takes in what a trial reports at a step, and decides. A trial's steps grow; where one comes again, the first counts. */
  report(trial: JudgedTrial, step: number, metrics: Metrics): Decision;
  /** Takes in a report of before a restart, on which was decided then. Absent: `report` does it at no cost. */
  recall?(trial: JudgedTrial, step: number, metrics: Metrics): void;
  /** What it knows of the trials' curves, for samplers that learn from them. */
  readonly curves?: Curves;
  /**
   * Takes in that a trial has its result.
   * @param open configurations with trials that have none
   */
  ended(trial: Trial, open: Iterable<number>): readonly ConfigurationVerdict[];
  /**
   * Which paused trials go on, best first.
   * @param isLast nothing runs or waits, and no new trial will come: what does not go on now never will
   */
  promote(paused: ReadonlySet<number>, isLast: boolean): readonly Verdict[];
  /** Where a paused trial stands, e.g. `asha: rank 7 of 9 at rung 9`. */
  standing(number: number): string;
  /** Grows whenever a report may change what `promote` answers. */
  readonly revision: number;
  /** Whether any report had the metrics that it judges by. */
  readonly hasSeenMetrics: boolean;
}

export const goOn: Decision = { action: 'continue' };
