import type { NewTrial } from '../../store/sweep-store.js';
import { isTerminal, TrialState, type TerminalState, type Trial } from '../../sweep/trial.js';
import type { Curves, TrialHistory } from '../search/sampler.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A worker was told that it may run this attempt, and has not yet said that it started. */
export interface Grant {
  readonly workerId: string;
  readonly attempt: number;
  readonly at: number;
}

/** Why a running trial was told to stop, which decides what becomes of it. */
export interface StopRequest {
  /**
   * `cancel`, `prune`: this is its end. `pause`: it may go on later. `requeue`: it goes back to the queue, for a later
   * coordinator.
   */
  readonly then: 'cancel' | 'prune' | 'pause' | 'requeue';
  readonly reason: string;
  /** With `prune`: what it has reported is its result, where no objective is missing. */
  readonly counts?: boolean;
  /** With `cancel`: a user has cancelled this trial, whatever becomes of the sweep. */
  readonly isForGood?: boolean;
}

/** A trial without a result, with what only matters until it has one. */
export interface ActiveTrial {
  readonly trial: Mutable<Trial>;
  grant?: Grant | undefined;
  /** The highest attempt number that was ever granted: none is given to two workers. */
  lastGranted: number;
  /** Of the running attempt's reports. */
  lastSequence: number;
  /** Failures that count against `trial.retries`. */
  countedFailures: number;
  losses: number;
  /** Losses within a minute of the attempt's start: the trial may be what kills its workers. */
  suddenLosses: number;
  /** Workers at which an attempt failed in a way that counts, oldest first. It is tried elsewhere first. */
  failedAt: string[];
  /** Milliseconds that it is to wait, once it is back in the queue. */
  backOff?: number | undefined;
  /** Not to be published before. */
  notBefore?: number | undefined;
  /** How often its assignment was published in vain; `unread.ts` counts. */
  unread?: number | undefined;
  /** Attempts of the sweep that had begun when its assignment was published. */
  startsBefore?: number | undefined;
  /** When its present assignment was published. Absent: waits for room. */
  publishedAt?: number | undefined;
  /** A worker has its assignment, or gave it back to ask again: until then it is not forgotten. */
  askedUntil?: number | undefined;
  /** Its assignment was not delivered, and delivery was begun anew. */
  deliveryRestarted?: boolean | undefined;
  /** Trials that were published together have the same number. */
  pack?: number | undefined;
  stop?: StopRequest | undefined;
  /** When its worker was last told to stop it, by the coordinator's clock. */
  toldAt?: number | undefined;
  /** Since when it is known to run, by the coordinator's clock: workers' clocks may differ. */
  runningSince?: number | undefined;
  /** Until when, by the same clock, its running attempt's part of its slot is counted, and what that is. */
  countedUntil?: number | undefined;
  slotSeconds?: number | undefined;
  /** Since when its worker, though alive, does not list it among what it runs. */
  unlistedSince?: number | undefined;
}

/**
 * All trials of one sweep in memory, which is what claims are answered from and what samplers see. The store is
 * the truth; this follows it. A finished trial keeps its parameters and metrics alone.
 */
export class TrialBook implements TrialHistory {
  /** What the sweep's pruner keeps of them. */
  curves?: Curves;
  readonly #trials: Mutable<Trial>[] = [];
  readonly #active = new Map<number, ActiveTrial>();
  readonly #counts: Record<TrialState, number> = {
    queued: 0,
    running: 0,
    paused: 0,
    completed: 0,
    pruned: 0,
    failed: 0,
    cancelled: 0,
  };
  #configurations = 0;
  #starts = 0;
  #results = 0;

  /** Attempts that began since the book was opened. */
  get starts(): number {
    return this.#starts;
  }

  /** Results that have come since the book was opened, also those that were taken back later. */
  get results(): number {
    return this.#results;
  }

  get trials(): readonly Trial[] {
    return this.#trials;
  }

  get configurations(): number {
    return this.#configurations;
  }

  get size(): number {
    return this.#trials.length;
  }

  /** Trials in each state. */
  get counts(): Readonly<Record<TrialState, number>> {
    return this.#counts;
  }

  /** Trials without a result, by number. */
  get active(): ReadonlyMap<number, ActiveTrial> {
    return this.#active;
  }

  /** Trials that run, or that a worker was just told to run. */
  get taken(): number {
    let taken = 0;
    for (const { trial, grant } of this.#active.values()) if (trial.state === 'running' || grant) taken++;
    return taken;
  }

  /** Adds trials that were just stored, in ascending order without gaps. */
  add(sweepId: string, trials: readonly NewTrial[], createdAt: number): ActiveTrial[] {
    return trials.map((trial) => {
      const stored: Trial = {
        ...trial,
        sweepId,
        state: TrialState.Queued,
        attempts: 0,
        metrics: {},
        createdAt,
      };
      return this.restore(stored) as ActiveTrial;
    });
  }

  /** Adds a trial as the store has it. Returns it if it has no result. */
  restore(stored: Trial): ActiveTrial | undefined {
    if (stored.number !== this.#trials.length)
      throw new Error(`trial ${stored.number} follows trial ${this.#trials.length - 1} of ${stored.sweepId}`);
    const trial: Mutable<Trial> = { ...stored };
    if (trial.details !== undefined) delete trial.details;
    this.#trials.push(trial);
    this.#counts[trial.state]++;
    this.#configurations = Math.max(this.#configurations, trial.configuration + 1);
    return isTerminal(trial.state) ? undefined : this.#activate(trial);
  }

  find(number: number): Trial | undefined {
    return this.#trials[number];
  }

  started(active: ActiveTrial, attempt: number, workerId: string, at: number): void {
    const { trial } = active;
    this.#move(trial, TrialState.Running);
    trial.attempts = attempt;
    trial.metrics = {};
    trial.workerId = workerId;
    trial.startedAt = at;
    this.#starts++;
    active.toldAt = undefined;
    active.backOff = undefined;
    active.notBefore = undefined;
    active.runningSince = undefined;
    active.countedUntil = undefined;
    active.slotSeconds = undefined;
    active.unread = undefined;
    active.grant = undefined;
    active.publishedAt = undefined;
    active.unlistedSince = undefined;
    active.lastSequence = 0;
  }

  /** Running or paused to queued: it waits for room again. */
  requeued(active: ActiveTrial): void {
    this.#move(active.trial, TrialState.Queued);
    active.trial.metrics = {};
    if (active.trial.lastStep !== undefined) delete active.trial.lastStep;
    if (active.trial.reason !== undefined) delete active.trial.reason;
    active.grant = undefined;
    active.publishedAt = undefined;
    active.pack = undefined;
    active.stop = undefined;
    active.unlistedSince = undefined;
  }

  /** Running to paused: what it has reached stays known. */
  paused(active: ActiveTrial, reason: string): void {
    this.#move(active.trial, TrialState.Paused);
    active.trial.reason = reason;
    active.grant = undefined;
    active.publishedAt = undefined;
    active.pack = undefined;
    active.stop = undefined;
    active.unlistedSince = undefined;
  }

  finished(active: ActiveTrial, state: TerminalState, at: number): void {
    this.#move(active.trial, state);
    active.trial.finishedAt = at;
    this.#results++;
    this.#active.delete(active.trial.number);
  }

  /** Puts a failed or cancelled trial back into the queue. */
  reopen(number: number): ActiveTrial {
    const trial = this.#trials[number];
    if (!trial || !isTerminal(trial.state)) throw new Error(`trial ${number} has no result to take back`);
    this.#move(trial, TrialState.Queued);
    delete trial.failure;
    delete trial.reason;
    delete trial.finishedAt;
    delete trial.lastStep;
    trial.metrics = {};
    return this.#activate(trial);
  }

  #activate(trial: Mutable<Trial>): ActiveTrial {
    const active: ActiveTrial = {
      trial,
      lastGranted: 0,
      lastSequence: 0,
      countedFailures: 0,
      losses: 0,
      suddenLosses: 0,
      failedAt: [],
      ...(trial.state === 'running' ? { runningSince: trial.startedAt } : {}),
    };
    this.#active.set(trial.number, active);
    return active;
  }

  #move(trial: Mutable<Trial>, state: TrialState): void {
    this.#counts[trial.state]--;
    this.#counts[state]++;
    trial.state = state;
  }
}
