import type { JsonValue } from './json.js';
import type { Parameters } from './parameter.js';

export const TrialState = {
  /** Stored, and published or about to be. */
  Queued: 'queued',
  /** A worker has claimed it. */
  Running: 'running',
  /** A pruner set it aside; it may go on later. */
  Paused: 'paused',
  Completed: 'completed',
  /** A pruner stopped it. */
  Pruned: 'pruned',
  Failed: 'failed',
  /** Stopped by a user or because a budget ended. */
  Cancelled: 'cancelled',
} as const;
export type TrialState = (typeof TrialState)[keyof typeof TrialState];

/** Which state may follow which. The store refuses everything else. */
export const trialTransitions = {
  queued: ['running', 'pruned', 'cancelled', 'failed'],
  running: ['completed', 'pruned', 'failed', 'cancelled', 'queued', 'paused'],
  paused: ['queued', 'pruned', 'cancelled'],
  completed: [],
  pruned: [],
  // `--retry-failed` puts a failed trial back.
  failed: ['queued'],
  cancelled: ['queued'],
} as const satisfies Record<TrialState, readonly TrialState[]>;

/** A trial in one of these states has its result. */
export const terminalStates = ['completed', 'pruned', 'failed', 'cancelled'] as const;
export type TerminalState = (typeof terminalStates)[number];

export function isTerminal(state: TrialState): state is TerminalState {
  return (terminalStates as readonly TrialState[]).includes(state);
}

export function mayFollow(from: TrialState, to: TrialState): boolean {
  return (trialTransitions[from] as readonly TrialState[]).includes(to);
}

/** Why an attempt failed, named for what follows. */
export const FailureClass = {
  /** The configuration itself is bad (invalid, NaN, too large): no retry, the sampler learns that it is infeasible. */
  Trial: 'trial',
  /** Went over its memory limit or the machine's: retried. */
  Memory: 'memory',
  /** The thread or process ended by itself: retried. */
  Crash: 'crash',
  /** No sign of life for long: retried. */
  Hang: 'hang',
  /** Took longer than `trial.timeout`: no retry, it would take as long again. */
  Timeout: 'timeout',
  /** The worker died or was cut off: retried, and not counted against the trial's retries. */
  Lost: 'lost',
  /** This worker can't train this at all (no data, not allowed): retried elsewhere; the sweep ends if nobody can. */
  Setup: 'setup',
} as const;
export type FailureClass = (typeof FailureClass)[keyof typeof FailureClass];

export interface Failure {
  readonly class: FailureClass;
  /** Names the thing, the rule and the value. */
  readonly message: string;
}

/** Finite numbers by name, e.g. `{ accuracy: 0.91, memory: 8128, time: 12.5 }`. */
export type Metrics = Readonly<Record<string, number>>;

/** A trial within its sweep: the two together identify it everywhere. */
export interface TrialKey {
  readonly sweepId: string;
  /** 0, 1, 2, ... within the sweep. */
  readonly number: number;
}

/** What is known of a trial. Times are milliseconds since the epoch. */
export interface Trial extends TrialKey {
  /** Replicates of one configuration share this number. */
  readonly configuration: number;
  /** 0 .. replicates - 1. */
  readonly replicate: number;
  /** Follows from the sweep's seed, the configuration and the replicate. 32 bits, unsigned. */
  readonly seed: number;
  /** Searched and derived parameters; the sweep's `fixed` ones are not repeated here. */
  readonly parameters: Parameters;
  /** What the sampler wants to read again in the history, e.g. where in the grid this is. */
  readonly origin?: JsonValue;
  readonly state: TrialState;
  /** How many attempts were claimed so far. The running one, or the last one, has this number. */
  readonly attempts: number;
  /** The latest reported value of every metric; the result's when the trial has ended. */
  readonly metrics: Metrics;
  /** The step of the last report. */
  readonly lastStep?: number;
  /** Whatever else the trainable said at the end, e.g. a confusion matrix. */
  readonly details?: JsonValue;
  readonly failure?: Failure;
  /** Why it was pruned, paused or cancelled. */
  readonly reason?: string;
  /** Who runs it or ran it last. */
  readonly workerId?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
}

/** How a trial is called in messages, file names and logs: `<sweepId>-<number>`. */
export function trialId(key: TrialKey): string {
  return `${key.sweepId}-${key.number}`;
}
