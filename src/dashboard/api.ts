import type { SweepDefinition } from '../sweep/sweep-definition.js';
import type { Trial, TrialState } from '../sweep/trial.js';
import type { Parameters } from '../sweep/parameter.js';
import type { SweepAction } from '../sweep/steering/sweep-action.js';
import type { ProgressAnswer } from './api/charts.js';
import type { ShownState } from '../store/leadership.js';
import type {
  AttemptRecord,
  DecisionRecord,
  LogRecord,
  ReportRecord,
  SweepState,
  Usage,
  WorkerRecord,
} from '../store/sweep-store.js';

/**
 * What the dashboard's server says to its page (and to anyone else who asks): JSON under `/api/v1`.
 * Times are milliseconds since the epoch, by the clock of the server.
 */

/** A row of the list of sweeps. */
export interface SweepSummary {
  readonly id: string;
  readonly name: string;
  readonly state: SweepState;
  /** Its state; `paused` or `interrupted` (no coordinator works on it) where it is stored as running. */
  readonly shown: ShownState;
  /** Why it stands so, where that is worth saying. */
  readonly reason?: string;
  readonly createdAt: number;
  readonly finishedAt?: number;
  readonly trainable: string;
  /** The primary objective: `best` is the best by it. */
  readonly objective: { readonly metric: string; readonly direction: 'maximize' | 'minimize' };
  readonly counts: Readonly<Record<TrialState, number>>;
  /** Trials it will have at most; absent where only a budget ends it. */
  readonly planned?: number;
  readonly best?: BestSummary;
  /** Estimate, while it runs. */
  readonly secondsLeft?: number;
  /** In the currency of `budget.pricePerGpuHour`, where the sweep has one. */
  readonly cost?: number;
  /** Selection looked at the test set (`fixed.selectOn: test`). */
  readonly selectsOnTest: boolean;
}

/** The best configuration by the primary objective, feasible ones first. */
export interface BestSummary {
  /** Mean over the replicates that completed. */
  readonly value: number;
  readonly replicates: number;
  readonly parameters: Parameters;
  /** False where no completed trial keeps the limits. */
  readonly feasible: boolean;
}

export interface SweepList {
  readonly sweeps: readonly SweepSummary[];
  readonly now: number;
}

/** One sweep without its trials. */
export interface SweepView {
  readonly id: string;
  readonly definition: SweepDefinition;
  readonly state: SweepState;
  /** Its state; `paused` or `interrupted` (no coordinator works on it) where it is stored as running. */
  readonly shown: ShownState;
  /** Why it stands so, where that is worth saying. */
  readonly reason?: string;
  readonly usage: Usage;
  readonly createdAt: number;
  readonly finishedAt?: number;
  readonly planned?: number;
  readonly selectsOnTest: boolean;
  /** What may be asked for here: nothing where the dashboard only shows what is stored. */
  readonly actions: readonly SweepAction['action'][];
}

/** A trial without what only its own page needs. */
export type TrialView = Omit<Trial, 'sweepId' | 'details' | 'origin'>;

/** Of population-based training, where a trial is one interval of a member's training: how it hangs together. */
export interface TrialLineage {
  readonly member: number;
  /** 0 for the first interval. */
  readonly generation: number;
  /** The trials whose checkpoints led to it, oldest first. */
  readonly before: readonly number[];
  /** Those that go on from its checkpoint. */
  readonly after: readonly number[];
  /** Of the trials before, by number, attempt and sequence; evenly thinned where there are many. */
  readonly reports: readonly ReportRecord[];
}

/** One trial with everything that is known of it. */
export interface TrialDetail {
  readonly trial: Trial;
  readonly attempts: readonly AttemptRecord[];
  /** By attempt and sequence. Evenly thinned where there are more than `maxReports`; first and last stay. */
  readonly reports: readonly ReportRecord[];
  readonly reportCount: number;
  /** By attempt and sequence. */
  readonly logs: readonly LogRecord[];
  /** Oldest first. */
  readonly decisions: readonly DecisionRecord[];
  readonly lineage?: TrialLineage;
}

/** The events of `/api/v1/sweeps/:sweep/live`: each is the whole as it is now. */
export interface LiveEvents {
  readonly sweep: SweepView;
  readonly workers: readonly SweepWorker[];
  readonly progress: ProgressAnswer;
  readonly heartbeat: { readonly now: number };
  readonly problem: { readonly message: string | null };
}

/** The events of `/api/v1/events`. */
export interface ListEvents {
  readonly sweeps: SweepList;
  readonly heartbeat: { readonly now: number };
  readonly problem: { readonly message: string | null };
}

/** The body of every answer whose status is 400 or above. */
export interface ErrorBody {
  readonly error: { readonly status: number; readonly message: string };
}

/** A worker of a sweep's pool. */
export interface SweepWorker extends WorkerRecord {
  /** Why it gets no trials of this sweep for now. */
  readonly quarantine?: string;
}

export type { WorkerRecord };
