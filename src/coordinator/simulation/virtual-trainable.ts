import type { Metrics, Trial } from '../../sweep/trial.js';

/** One trial that is not trained but looked up or computed. */
export interface VirtualTrial {
  /** How many reports a whole run has. The last one's metrics are the result. */
  readonly reports: number;
  /** @param index 0 .. reports - 1 */
  report(index: number): { readonly step: number; readonly metrics: Metrics };
  /** Seconds of a slot from the report before to this one. */
  seconds(index: number): number;
}

/**
 * What virtual workers train. The same trial is the same every time. `from`: what it goes on from, with population-based
 * training; its reports go on after the last one that was asked for of that.
 */
export type VirtualTrainable = (
  trial: Pick<Trial, 'number' | 'configuration' | 'seed' | 'parameters'>,
  from?: VirtualTrial,
) => VirtualTrial;
