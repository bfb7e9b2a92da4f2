import type { JsonValue } from '../sweep/json.js';
import type { Parameters } from '../sweep/parameter.js';
import type { Amendments } from '../sweep/steering/amendments.js';
import type { SweepDefinition } from '../sweep/sweep-definition.js';
import type {
  Failure,
  FailureClass,
  Metrics,
  TerminalState,
  Trial,
  TrialKey,
  TrialState,
} from '../sweep/trial.js';

/**
 * Where sweeps are kept. The coordinator alone writes; anyone may read while it does.
 *
 * Contract, for every adapter (`test/contract/sweep-store.ts`):
 * - What a resolved promise says is stored survives kill -9.
 * - Writing the same thing twice changes nothing: trials are known by sweep and number, attempts by trial and
 *   attempt, reports by trial, attempt and sequence.
 * - A trial gets one terminal result; a later one is ignored and told as such.
 * - Only the transitions of `trialTransitions` happen.
 * - What was returned never changes later (records are copies).
 * - Every change of a trial gives it the sweep's next `revision`, so a reader that asks for changes after the last
 *   revision it saw misses nothing.
 */
export interface SweepStore {
  // --- sweeps
  createSweep(sweep: NewSweep): Promise<SweepRecord>;
  /** By id, else the newest sweep of that name. */
  findSweep(reference: string): Promise<SweepRecord | undefined>;
  /** Newest first. */
  listSweeps(): Promise<SweepRecord[]>;
  setSweepState(sweepId: string, state: SweepState, reason?: string): Promise<void>;
  /** Adds to what the budget has used. Also a sign of life of who leads the sweep. */
  addUsage(sweepId: string, usage: Usage): Promise<void>;
  /**
   * From now on `holder` leads the sweep through this store: whoever led it before, in whatever process, can write
   * nothing to it any more (SupersededError), also where it does not know yet that it lost its lease. What it had
   * written until now is there to be read. Stores that never led a sweep are not asked.
   */
  lead(sweepId: string, holder: string): Promise<void>;

  // --- trials, written in groups
  addTrials(sweepId: string, trials: readonly NewTrial[]): Promise<void>;
  /** One transaction for all of it. */
  record(batch: RecordBatch): Promise<RecordOutcome>;

  // --- trials, read
  trial(key: TrialKey): Promise<Trial | undefined>;
  trials(sweepId: string, query?: TrialQuery): Promise<Trial[]>;
  /** These, by number; those that are not there are left out. */
  trialsOf(sweepId: string, numbers: readonly number[]): Promise<Trial[]>;
  countTrials(sweepId: string): Promise<Record<TrialState, number>>;
  /** Trials changed after `revision`, oldest change first, at most `limit`. */
  changesSince(sweepId: string, revision: number, limit: number): Promise<RevisedTrial[]>;
  /** The same trials as `changesSince`, told shortly: for whoever keeps an eye on all trials of a large sweep. */
  outlinesSince(sweepId: string, revision: number, limit: number): Promise<TrialOutline[]>;
  attempts(key: TrialKey): Promise<AttemptRecord[]>;
  /** Of all these trials, by number and attempt. */
  attemptsOf(sweepId: string, numbers: readonly number[]): Promise<AttemptRecord[]>;
  /** By attempt and sequence. */
  reports(key: TrialKey): Promise<ReportRecord[]>;
  /** Of all these trials, by number, attempt and sequence: those whose sequence is 1 or a multiple of `every`. */
  reportsOf(sweepId: string, numbers: readonly number[], every: number): Promise<ReportRecord[]>;
  /** Of all trials from number `from` to `to` (excluded): by trial, attempt and sequence. */
  reportsBetween(sweepId: string, from: number, to: number): Promise<ReportRecord[]>;

  /** Of all these trials, by number, attempt and sequence. */
  logsOf(sweepId: string, numbers: readonly number[]): Promise<LogRecord[]>;

  // --- workers
  recordWorkers(workers: readonly WorkerRecord[]): Promise<void>;
  listWorkers(): Promise<WorkerRecord[]>;

  // --- decisions, oldest first
  decisions(sweepId: string, number?: number): Promise<DecisionRecord[]>;
  /** Those that are about one of these trials. */
  decisionsOf(sweepId: string, numbers: readonly number[]): Promise<DecisionRecord[]>;
  /** Those that are about no trial. */
  sweepDecisions(sweepId: string): Promise<DecisionRecord[]>;

  close(): Promise<void>;
}

export const SweepState = {
  Running: 'running',
  /** No coordinator works on it; the same `start` goes on with it. */
  Stopped: 'stopped',
  Completed: 'completed',
  /** Ended because it could not go on, e.g. every trial failed. */
  Failed: 'failed',
} as const;
export type SweepState = (typeof SweepState)[keyof typeof SweepState];

export interface NewSweep {
  readonly definition: SweepDefinition;
  /** The text of the file it was read from. */
  readonly source: string;
}

/** What a sweep has used of its budget. */
export interface Usage {
  /** Seconds in which a coordinator ran it. */
  readonly seconds: number;
  /** Seconds summed over the slots that trained. */
  readonly slotSeconds: number;
}

export interface SweepRecord extends NewSweep {
  /** Eight characters of [0-9a-z]. */
  readonly id: string;
  readonly state: SweepState;
  /** Why it is in this state, where that is worth saying. */
  readonly reason?: string;
  readonly usage: Usage;
  readonly createdAt: number;
  readonly finishedAt?: number;
  /** What was changed of it since it began. Absent: nothing. */
  readonly amendments?: Amendments;
  /** The coordinator that leads it, or did so last. */
  readonly leader?: Leader;
}

export interface Leader {
  /** `host/place:pid`; place tells machines of one name apart. */
  readonly holder: string;
  /** When it last gave a sign of life, which it does every five seconds. */
  readonly seenAt: number;
}

export type NewTrial = Pick<
  Trial,
  'number' | 'configuration' | 'replicate' | 'seed' | 'parameters' | 'origin'
>;

/**
 * What is written in one go: everything that arrived within about ten milliseconds. It is applied trial by trial,
 * attempt by attempt, and within an attempt in the order of these fields; attempt 0 (of no attempt) comes last.
 *
 * What names an attempt counts only while that attempt runs, for messages come twice and late: a trial that waits or
 * has ended changes through attempt 0 alone.
 */
export interface RecordBatch {
  readonly sweepId: string;
  /** queued -> running. On a running trial a later attempt ends the one before it as `lost`. */
  readonly started?: readonly StartedAttempt[];
  /** All are stored; those of the running attempt change its trial's metrics. */
  readonly reports?: readonly ReportRecord[];
  /**
   * running -> terminal; with attempt 0 queued -> failed, pruned or cancelled, paused -> pruned or cancelled.
   */
  readonly results?: readonly TrialResult[];
  /** running -> paused, which ends the attempt. The trial keeps its metrics and last step. */
  readonly paused?: readonly PausedTrial[];
  /**
   * running -> queued, for a new attempt, and ends the attempt as `failed`; with attempt 0 failed, cancelled or
   * paused -> queued, on demand. Metrics, failure and times of the trial begin anew.
   */
  readonly requeued?: readonly RequeuedTrial[];
  /** All are stored. */
  readonly logs?: readonly LogRecord[];
  readonly decisions?: readonly DecisionRecord[];
  /** Of the sweep, in place of those before. */
  readonly amendments?: Amendments;
}

export interface StartedAttempt {
  readonly number: number;
  readonly attempt: number;
  readonly workerId: string;
  readonly startedAt: number;
  /** The trials that came to the worker with it, its own included. Absent: it came alone. */
  readonly pack?: readonly number[];
}

/** Lines that an attempt has logged before one of its reports, or before its result. */
export interface LogRecord {
  readonly number: number;
  readonly attempt: number;
  /** That of the report. */
  readonly sequence: number;
  /** Oldest first. */
  readonly lines: readonly string[];
  readonly loggedAt: number;
}

export interface ReportRecord {
  readonly number: number;
  readonly attempt: number;
  /** 1, 2, 3, ... within the attempt. */
  readonly sequence: number;
  readonly step: number;
  readonly metrics: Metrics;
  readonly reportedAt: number;
}

export interface TrialResult {
  readonly number: number;
  /** 0 where the trial waits: it has not started, or is queued again. */
  readonly attempt: number;
  readonly state: TerminalState;
  /** Added to, and replacing, what was reported last. */
  readonly metrics: Metrics;
  readonly details?: JsonValue;
  readonly failure?: Failure;
  readonly reason?: string;
  readonly finishedAt: number;
}

export interface RequeuedTrial {
  readonly number: number;
  /** The running attempt that ends; 0 where the trial had ended already. */
  readonly attempt: number;
  readonly failure?: Failure;
  readonly finishedAt: number;
}

export interface PausedTrial {
  readonly number: number;
  /** The running attempt that ends. */
  readonly attempt: number;
  readonly reason: string;
  readonly finishedAt: number;
}

export interface RecordOutcome {
  /** Numbers of the trials whose result in this batch was accepted: it was their first. */
  readonly accepted: readonly number[];
}

export interface AttemptRecord extends StartedAttempt {
  /** Absent while it runs. */
  readonly finishedAt?: number;
  /** How it ended. `requeued` attempts have a failure. */
  readonly outcome?: TerminalState | 'paused';
  readonly failure?: Failure;
}

export interface TrialQuery {
  readonly states?: readonly TrialState[];
  /** By trial number where absent. Trials without that metric come last. */
  readonly orderBy?: { readonly metric: string; readonly direction: 'ascending' | 'descending' };
  readonly limit?: number;
  readonly offset?: number;
}

export interface RevisedTrial {
  readonly revision: number;
  readonly trial: Trial;
}

/** What charts and tables of many trials need of one: what is missing is `null`, so that all have one shape. */
export interface TrialOutline {
  readonly revision: number;
  readonly number: number;
  readonly configuration: number;
  readonly replicate: number;
  readonly parameters: Parameters;
  readonly state: TrialState;
  readonly attempts: number;
  readonly metrics: Metrics;
  readonly lastStep: number | null;
  readonly failureClass: FailureClass | null;
  readonly workerId: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

export interface WorkerRecord {
  readonly id: string;
  readonly host: string;
  readonly pool: string;
  readonly state: 'running' | 'draining' | 'stopped' | 'lost';
  readonly slots: number;
  readonly busy: number;
  readonly backend: string;
  readonly device: string;
  readonly memoryBytes: number;
  readonly startedAt: number;
  readonly seenAt: number;
}

/** What a sampler, pruner or the runner decided, and why. */
export interface DecisionRecord {
  readonly sweepId: string;
  /** The trial it is about, where it is about one. */
  readonly number?: number;
  readonly action: string;
  readonly reason: string;
  readonly decidedAt: number;
}
