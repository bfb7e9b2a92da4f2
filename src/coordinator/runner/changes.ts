import type {
  DecisionRecord,
  LogRecord,
  PausedTrial,
  RecordBatch,
  ReportRecord,
  RequeuedTrial,
  StartedAttempt,
  TrialResult,
} from '../../store/sweep-store.js';
import type { Failure, Trial } from '../../sweep/trial.js';
import type { ActiveTrial } from './trial-book.js';

/** An attempt that nobody waits for any more; its worker is to be told. */
export interface StaleAttempt {
  readonly workerId: string;
  readonly number: number;
  readonly attempt: number;
  readonly reason: string;
}

/** What reports, and other ends of attempts, come to: what to store and what to do once it is stored. */
export class Changes {
  readonly started: StartedAttempt[] = [];
  readonly reports: ReportRecord[] = [];
  readonly results: TrialResult[] = [];
  readonly paused: PausedTrial[] = [];
  readonly requeued: RequeuedTrial[] = [];
  readonly decisions: DecisionRecord[] = [];
  readonly logs: LogRecord[] = [];
  /** Trials that have their result now. */
  readonly ended: Trial[] = [];
  /** Running trials whose workers are to be told to stop them (`ActiveTrial.stop`). */
  readonly stops: ActiveTrial[] = [];
  readonly stale: StaleAttempt[] = [];
  /** Workers that said that they can't train this sweep at all. */
  readonly unable: { workerId: string; message: string }[] = [];
  /** How attempts ended at their workers: with a failure, or as they should. */
  readonly outcomes: { workerId: string; number: number; failure?: Failure }[] = [];
  /** Seconds of slots that ended attempts took. */
  slotSeconds = 0;

  get isEmpty(): boolean {
    return (
      this.started.length + this.reports.length + this.results.length === 0 &&
      this.paused.length + this.requeued.length + this.decisions.length === 0
    );
  }

  /** What there is to store. */
  batch(sweepId: string): RecordBatch {
    const { started, reports, results, paused, requeued, decisions, logs } = this;
    return { sweepId, started, reports, results, paused, requeued, decisions, logs };
  }
}
