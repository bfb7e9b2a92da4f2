import type { JsonObject, JsonValue } from '../../sweep/json.js';
import type { Random } from '../../sweep/random.js';
import type { Metrics } from '../../sweep/trial.js';
import type { SavedState } from './trainable.js';

/**
 * What a module exports by default to be searched over: a function of a trial's parameters that returns its metrics.
 *
 * ```ts
 * import type { Objective } from 'sweepyard';
 *
 * const objective: Objective<{ lr: number; layers: number }> = async ({ lr, layers }, trial) => {
 *   for (let epoch = 1; epoch <= 10 && !trial.signal.aborted; epoch++) {
 *     trial.report({ loss: await trainOneEpoch(lr, layers) }, epoch);
 *   }
 *   return { accuracy: await evaluate() };
 * };
 * export default objective;
 * ```
 *
 * Returning nothing leaves the metrics as they were reported last. Throwing a `TrialError` says that the configuration
 * is bad and must not be tried again; any other error is a crash, which is.
 */
export type Objective<P = JsonObject> = (
  parameters: P,
  trial: ObjectiveTrial,
) => ObjectiveResult | Promise<ObjectiveResult>;

/** The result's metrics by name; they are added to, and replace, what was reported last. */
export type ObjectiveResult = Metrics | void;

/** The trial that an objective is called for. */
export interface ObjectiveTrial {
  /** Its number within the sweep. */
  readonly number: number;
  /** 32 bits, unsigned: replicates of one configuration differ in it. */
  readonly seed: number;
  /** Random numbers from `seed`. */
  readonly random: Random;
  /** Aborts when the trial is to stop: return soon. What is reported or returned after that is not kept. */
  readonly signal: AbortSignal;
  /** One point of the trial's curves. Steps ascend. @default step: one more than the last, from 1 */
  report(metrics: Metrics, step?: number): void;
  /** What `saveCheckpoint` was given by an earlier attempt, to go on from. Absent: begin anew. */
  readonly checkpoint?: SavedState;
  /**
   * Whether to save: some time has passed, or the trial is to pause or to go back to the queue. A trial that asks
   * this regularly is not stopped in those two cases before it has saved, within the worker's grace.
   */
  checkpointDue(): boolean;
  /** Keeps what this trial needs to go on after `step`, in place of what was kept before. @default step: the last */
  saveCheckpoint(state: Uint8Array, step?: number): void;
  /** Data that the trials of this worker share: loaded once. Large arrays must sit on SharedArrayBuffers. */
  shared<T>(key: string, load: () => Promise<T>): Promise<T>;
  /** One line that is kept with the attempt: `coordinator logs`, and its page on the dashboard. */
  log(message: string): void;
}

/** Gives an objective its type where it is written: `export default objective<{ lr: number }>(({ lr }) => ...)`. */
export function objective<P = Record<string, JsonValue>>(evaluate: Objective<P>): Objective<P> {
  return evaluate;
}
