import type { Failure, Metrics, TrialState } from '../sweep/trial.js';
import { mayFollow } from '../sweep/trial.js';
import type { JsonValue } from '../sweep/json.js';
import type {
  AttemptRecord,
  LogRecord,
  PausedTrial,
  RecordBatch,
  ReportRecord,
  RequeuedTrial,
  StartedAttempt,
  TrialResult,
} from './sweep-store.js';

/** What has to be known of a trial to tell what a batch does to it. */
export interface TrialProgress {
  readonly number: number;
  readonly state: TrialState;
  readonly attempts: number;
  /** Of the last report of the last attempt that counted. */
  readonly sequence: number;
  readonly metrics: Metrics;
  readonly lastStep?: number;
  readonly workerId?: string;
  readonly startedAt?: number;
  // A trial that changes has these from the change alone: before it was queued or running, and had none, or it is
  // queued again, and loses them.
  readonly details?: JsonValue;
  readonly failure?: Failure;
  readonly reason?: string;
  readonly finishedAt?: number;
}

/** An attempt as far as this batch knows it. What an attempt has as its end is never changed by a later plan. */
export interface AttemptProgress extends StartedAttempt {
  readonly finishedAt?: number;
  readonly outcome?: AttemptRecord['outcome'];
  readonly failure?: Failure;
}

export interface RecordPlan {
  /** Trials that change, each once, by ascending number. */
  readonly trials: readonly TrialProgress[];
  readonly attempts: readonly AttemptProgress[];
  /** Reports of trials that exist. Some may be stored already. */
  readonly reports: readonly ReportRecord[];
  /** The same for logs. */
  readonly logs: readonly LogRecord[];
  readonly accepted: readonly number[];
  /** How many more trials are in a state after the batch than before it. */
  readonly counts: ReadonlyMap<TrialState, number>;
}

type Event =
  | { readonly kind: 'started'; readonly event: StartedAttempt }
  | { readonly kind: 'report'; readonly event: ReportRecord }
  | { readonly kind: 'result'; readonly event: TrialResult }
  | { readonly kind: 'paused'; readonly event: PausedTrial }
  | { readonly kind: 'requeued'; readonly event: RequeuedTrial };

/**
 * What a batch changes, given the trials it is about as they are stored. Pure. Whatever does not fit (a second result,
 * the end of an attempt that is not the trial's last, a trial that does not exist) changes nothing: messages come
 * twice and late.
 */
export function planRecord(stored: ReadonlyMap<number, TrialProgress>, batch: RecordBatch): RecordPlan {
  const trials: TrialProgress[] = [];
  const attempts: AttemptProgress[] = [];
  const accepted: number[] = [];
  const counts = new Map<TrialState, number>();
  const count = (state: TrialState, by: number): unknown => counts.set(state, (counts.get(state) ?? 0) + by);

  for (const [number, events] of eventsByTrial(batch)) {
    const before = stored.get(number);
    if (!before) continue;
    const changing = new ChangingTrial(before);
    for (const event of events) changing.apply(event);
    attempts.push(...changing.attempts);
    if (changing.accepted) accepted.push(number);
    if (changing.trial === before) continue;
    trials.push(changing.trial);
    count(before.state, -1);
    count(changing.trial.state, 1);
  }
  const reports = (batch.reports ?? []).filter((report) => stored.has(report.number));
  const logs = (batch.logs ?? []).filter((log) => stored.has(log.number));
  return { trials, attempts, reports, logs, accepted, counts };
}

/** The numbers of the trials that a batch is about, ascending. */
export function numbersOf(batch: RecordBatch): number[] {
  const { started, reports, results, paused, requeued, logs } = batch;
  const numbers = [started, reports, results, paused, requeued, logs].flatMap((events) =>
    (events ?? []).map((event) => event.number),
  );
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** Attempt by attempt, then in the order of the batch's fields. What is of no attempt (0) comes last. */
function eventsByTrial(batch: RecordBatch): Map<number, Event[]> {
  const byTrial = new Map<number, Event[]>(numbersOf(batch).map((number) => [number, []]));
  const add = (event: Event): unknown => byTrial.get(event.event.number)?.push(event);
  for (const event of batch.started ?? []) add({ kind: 'started', event });
  for (const event of batch.reports ?? []) add({ kind: 'report', event });
  for (const event of batch.results ?? []) add({ kind: 'result', event });
  for (const event of batch.paused ?? []) add({ kind: 'paused', event });
  for (const event of batch.requeued ?? []) add({ kind: 'requeued', event });
  const attempt = ({ event }: Event): number => event.attempt || Infinity;
  for (const events of byTrial.values()) {
    // Sorting is stable; the difference of two infinities is not a number, hence the comparison.
    events.sort((a, b) => (attempt(a) === attempt(b) ? 0 : attempt(a) - attempt(b)));
  }
  return byTrial;
}

class ChangingTrial {
  readonly #attempts = new Map<number, AttemptProgress>();
  accepted = false;

  constructor(public trial: TrialProgress) {}

  get attempts(): AttemptProgress[] {
    return [...this.#attempts.values()];
  }

  apply({ kind, event }: Event): void {
    switch (kind) {
      case 'started':
        return this.#start(event);
      case 'report':
        return this.#report(event);
      case 'result':
        return this.#end(event);
      case 'paused':
        return this.#pause(event);
      case 'requeued':
        return this.#requeue(event);
    }
  }

  #start(event: StartedAttempt): void {
    if (event.attempt <= this.trial.attempts) return;
    // Whoever granted this attempt had given up the one before, and what said so has yet to come or is lost.
    if (this.trial.state === 'running') {
      const failure = { class: 'lost', message: `attempt ${event.attempt} began` } as const;
      this.#requeue({
        number: event.number,
        attempt: this.trial.attempts,
        failure,
        finishedAt: event.startedAt,
      });
    }
    if (!mayFollow(this.trial.state, 'running')) return;
    const { number, attempt, workerId, startedAt, pack } = event;
    this.trial = {
      number,
      state: 'running',
      attempts: attempt,
      sequence: 0,
      metrics: {},
      workerId,
      startedAt,
    };
    this.#attempts.set(attempt, { number, attempt, workerId, startedAt, ...(pack && { pack }) });
  }

  #report(event: ReportRecord): void {
    const { trial } = this;
    if (trial.state !== 'running' || event.attempt !== trial.attempts || event.sequence <= trial.sequence)
      return;
    this.trial = {
      ...trial,
      sequence: event.sequence,
      metrics: { ...trial.metrics, ...event.metrics },
      lastStep: event.step,
    };
  }

  #end(event: TrialResult): void {
    const { trial } = this;
    if (!this.#isAbout(event) || !mayFollow(trial.state, event.state)) return;
    if (trial.state === 'running') this.#endAttempt(event.finishedAt, event.state, event.failure);
    this.trial = {
      ...trial,
      state: event.state,
      attempts: Math.max(trial.attempts, event.attempt),
      metrics: { ...trial.metrics, ...event.metrics },
      finishedAt: event.finishedAt,
      ...(event.details !== undefined && { details: event.details }),
      ...(event.failure && { failure: event.failure }),
      ...(event.reason !== undefined && { reason: event.reason }),
    };
    this.accepted = true;
  }

  #pause(event: PausedTrial): void {
    const { trial } = this;
    if (!this.#isAbout(event) || !mayFollow(trial.state, 'paused')) return;
    this.#endAttempt(event.finishedAt, 'paused', undefined);
    this.trial = { ...trial, state: 'paused', reason: event.reason };
  }

  #requeue(event: RequeuedTrial): void {
    const { trial } = this;
    if (!this.#isAbout(event)) return;
    if (trial.state === 'queued' ? event.attempt === 0 : !mayFollow(trial.state, 'queued')) return;
    if (trial.state === 'running') this.#endAttempt(event.finishedAt, 'failed', event.failure);
    const { number, workerId } = trial;
    this.trial = {
      number,
      state: 'queued',
      attempts: Math.max(trial.attempts, event.attempt),
      sequence: 0,
      metrics: {},
      ...(workerId !== undefined && { workerId }),
    };
  }

  /**
   * A running trial is changed through its attempt, any other through no attempt: what names an attempt that has ended
   * has come before. One that was granted to a worker and never began may end too.
   */
  #isAbout({ attempt }: { readonly attempt: number }): boolean {
    const { state, attempts } = this.trial;
    if (state === 'running') return attempt === attempts;
    return attempt === 0 || (state === 'queued' && attempt > attempts);
  }

  #endAttempt(
    finishedAt: number,
    outcome: AttemptRecord['outcome'] & string,
    failure: Failure | undefined,
  ): void {
    const { number, attempts: attempt, workerId = '', startedAt = finishedAt } = this.trial;
    this.#attempts.set(attempt, {
      ...this.#attempts.get(attempt),
      number,
      attempt,
      workerId,
      startedAt,
      finishedAt,
      outcome,
      ...(failure && { failure }),
    });
  }
}
