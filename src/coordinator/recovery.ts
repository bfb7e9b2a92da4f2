import type { AttemptRecord, DecisionRecord, SweepRecord, SweepStore } from '../store/sweep-store.js';
import type { SweepDefinition } from '../sweep/sweep-definition.js';
import { FailureClass, type Trial } from '../sweep/trial.js';
import { counts, suddenly } from './runner/after-failure.js';
import { TrialBook, type ActiveTrial } from './runner/trial-book.js';

export interface StartRequest {
  readonly definition: SweepDefinition;
  /** A new sweep, whatever there is. */
  readonly again: boolean;
  /** Put failed trials back into the queue, also those of a finished sweep. */
  readonly retryFailed: boolean;
}

/** What a `start` is about. */
export type Found =
  | { readonly kind: 'new'; readonly note?: string }
  | { readonly kind: 'resumed'; readonly sweep: SweepRecord }
  | { readonly kind: 'finished'; readonly sweep: SweepRecord };

const pageSize = 2_000;

/**
 * The sweep that a `start` is about: the newest one of that name where its definition is the same, else a new one.
 * One that was stopped or could not go on is resumed; one that is completed stays so unless failed trials are to be
 * tried again.
 */
export async function findSweepToStart(store: SweepStore, request: StartRequest): Promise<Found> {
  const { definition } = request;
  const before = await store.findSweep(definition.name);
  // An id may look like a name.
  if (!before || before.definition.name !== definition.name || request.again) return { kind: 'new' };
  const difference = firstDifference(before.definition, definition);
  if (difference !== undefined) {
    return {
      kind: 'new',
      note: `${difference} differs from sweep ${before.id} of the same name: a new sweep`,
    };
  }
  if (before.state !== 'completed' || (request.retryFailed && (await hasFailed(store, before.id))))
    return { kind: 'resumed', sweep: before };
  return { kind: 'finished', sweep: before };
}

async function hasFailed(store: SweepStore, sweepId: string): Promise<boolean> {
  return (await store.countTrials(sweepId)).failed > 0;
}

/** The first key of the sweep file in which two definitions differ. The order of parameters and objectives counts. */
export function firstDifference(a: SweepDefinition, b: SweepDefinition): string | undefined {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])] as (keyof SweepDefinition)[];
  return keys.find((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]));
}

/** What was put back into the queue at the start. */
export interface Reopened {
  readonly cancelled: number;
  readonly failed: number;
}

/**
 * Reads a sweep's trials into memory. Trials that were cancelled when the sweep was stopped go back into the queue, so
 * that nothing of the space is left out; failed ones do where `retryFailed` says so.
 */
export async function loadBook(
  store: SweepStore,
  sweep: SweepRecord,
  retryFailed: boolean,
): Promise<{ book: TrialBook; reopened: Reopened }> {
  const book = new TrialBook();
  for (let page: Trial[], offset = 0; ; offset += page.length) {
    page = await store.trials(sweep.id, { limit: pageSize, offset });
    for (const trial of page) book.restore(trial);
    if (page.length < pageSize) break;
  }
  const reopened = await reopen(store, sweep, book, retryFailed);
  await recallActive(store, sweep.id, book, reopened.numbers);
  return { book, reopened };
}

/** What the attempts of trials without a result came to, and that users have cancelled some of them. */
async function recallActive(
  store: SweepStore,
  sweepId: string,
  book: TrialBook,
  reopened: ReadonlySet<number>,
): Promise<void> {
  const open = [...book.active.keys()];
  for (let from = 0; from < open.length; from += pageSize) {
    const numbers = open.slice(from, from + pageSize);
    const attempts = byTrial(await store.attemptsOf(sweepId, numbers));
    const decisions = byTrial(await store.decisionsOf(sweepId, numbers));
    for (const number of numbers) {
      const active = book.active.get(number);
      if (!active) continue;
      const decided = decisions.get(number) ?? [];
      // A failed trial that is tried again on demand has all its retries again.
      const forgiven = reopened.has(number) ? Infinity : lastFailure(decided);
      recallAttempts(active, attempts.get(number) ?? [], forgiven);
      const cancelled = cancelledByUser(decided);
      if (cancelled) await cancelAgain(store, book, active, `cancelled ${cancelled.reason}`);
    }
  }
}

function byTrial<T extends { readonly number?: number }>(records: readonly T[]): Map<number, T[]> {
  const found = new Map<number, T[]>();
  for (const record of records) {
    const { number = NaN } = record;
    const others = found.get(number);
    if (others) others.push(record);
    else found.set(number, [record]);
  }
  return found;
}

/** @param forgiven when the attempt ended that is the last without a part in what becomes of the trial, in milliseconds */
function recallAttempts(active: ActiveTrial, attempts: readonly AttemptRecord[], forgiven: number): void {
  const upTo =
    forgiven === Infinity
      ? Infinity
      : (attempts.findLast(({ finishedAt }) => finishedAt === forgiven)?.attempt ?? 0);
  for (const { attempt, failure, workerId, startedAt, finishedAt = Infinity } of attempts) {
    active.lastGranted = Math.max(active.lastGranted, attempt);
    if (!failure || attempt <= upTo) continue;
    if (counts(failure)) {
      active.countedFailures++;
      active.failedAt.push(workerId);
    }
    if (failure.class !== FailureClass.Lost) continue;
    active.losses++;
    // Where the worker's clock is ahead of ours nobody knows.
    if (finishedAt >= startedAt && finishedAt - startedAt < suddenly) active.suddenLosses++;
  }
}

/** When the attempt failed that was a trial's last, until somebody wanted it tried again. Milliseconds. */
function lastFailure(decisions: readonly DecisionRecord[]): number {
  return decisions.findLast(({ action }) => action === 'fail')?.decidedAt ?? -Infinity;
}

/** The coordinator that was to cancel it was killed, and had told its worker at most. */
async function cancelAgain(
  store: SweepStore,
  book: TrialBook,
  active: ActiveTrial,
  reason: string,
): Promise<void> {
  const { state, sweepId, number, metrics } = active.trial;
  if (state === 'running') {
    active.stop = { then: 'cancel', reason, isForGood: true };
    return;
  }
  const finishedAt = Date.now();
  const result = { number, attempt: 0, state: 'cancelled', metrics, reason, finishedAt } as const;
  await store.record({ sweepId, results: [result] });
  active.trial.reason = reason;
  book.finished(active, 'cancelled', finishedAt);
}

async function reopen(
  store: SweepStore,
  sweep: SweepRecord,
  book: TrialBook,
  retryFailed: boolean,
): Promise<Reopened & { numbers: ReadonlySet<number> }> {
  const of = (state: Trial['state']): Trial[] => book.trials.filter((trial) => trial.state === state);
  const cancelled = await notByUsers(store, of('cancelled'));
  const failed = retryFailed ? of('failed') : [];
  const again = [...cancelled, ...failed];
  const finishedAt = Date.now();
  const requeued = again.map(({ number }) => ({ number, attempt: 0, finishedAt }));
  if (requeued.length > 0) await store.record({ sweepId: sweep.id, requeued });
  for (const { number } of again) book.reopen(number);
  return {
    cancelled: cancelled.length,
    failed: failed.length,
    numbers: new Set(again.map(({ number }) => number)),
  };
}

/** What a user has cancelled, trial by trial, stays so. */
async function notByUsers(store: SweepStore, cancelled: readonly Trial[]): Promise<Trial[]> {
  const left: Trial[] = [];
  for (let from = 0; from < cancelled.length; from += pageSize) {
    const some = cancelled.slice(from, from + pageSize);
    const [first] = some;
    if (!first) break;
    const numbers = some.map(({ number }) => number);
    const decisions = byTrial(await store.decisionsOf(first.sweepId, numbers));
    left.push(...some.filter(({ number }) => !cancelledByUser(decisions.get(number) ?? [])));
  }
  return left;
}

/** The decision of a user to cancel a trial, which nothing has taken back. */
function cancelledByUser(decisions: readonly DecisionRecord[]): DecisionRecord | undefined {
  const last = decisions.findLast(({ action }) => action === 'cancel' || action === 'retry');
  return last?.action === 'cancel' ? last : undefined;
}
