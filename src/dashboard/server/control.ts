import type { SweepRecord } from '../../store/sweep-store.js';
import type { SweepAction } from '../../sweep/steering/sweep-action.js';

/**
 * What the dashboard may ask of a running coordinator. It is handed in; a dashboard that only serves what is stored
 * has none, and offers no actions.
 *
 * Refusals are `UserFacingError`s whose text is for the user: `UsageError` where what was asked for is wrong (HTTP 400),
 * `EnvironmentError` where nobody runs the sweep (503), any other where its state does not allow it (409).
 */
export interface SweepControl {
  /** What it takes for a sweep as it is now: the page offers these. @default `stop` while the sweep runs */
  offers?(sweep: SweepRecord): readonly SweepAction['action'][];
  /**
   * Carries out an action, which is recorded as a decision that names who asked for it.
   * @param by who asks, e.g. `the dashboard`
   */
  act(sweepId: string, action: SweepAction, by: string): Promise<ActionAnswer>;
  /** Takes the text of a sweep file. Absent: this coordinator runs one sweep only. */
  submit?(request: SubmitRequest, by: string): Promise<SubmitAnswer>;
}

export interface ActionAnswer {
  /** What changed, e.g. `concurrency: 2 -> 8`. */
  readonly message: string;
}

export interface SubmitRequest {
  /** The text of the sweep file. */
  readonly source: string;
  /** What relative paths in it (a module) start from: an absolute path on the coordinator's machine. */
  readonly baseDirectory?: string | undefined;
  /** A new sweep, also where the same one is stored. @default false */
  readonly again?: boolean | undefined;
}

export interface SubmitAnswer {
  readonly sweepId: string;
  readonly name: string;
  /** What comes of it. `runs already`, `finished`: the same sweep is there; nothing was done. */
  readonly state: 'begins' | 'goes on' | 'runs already' | 'finished';
}
