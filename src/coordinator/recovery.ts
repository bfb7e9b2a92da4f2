import type { SweepRecord, SweepStore } from '../store/sweep-store.js';
import type { SweepDefinition } from '../sweep/sweep-definition.js';
import { FailureClass, type Trial } from '../sweep/trial.js';
import { counts } from './runner/after-failure.js';
import { TrialBook } from './runner/trial-book.js';

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
  for (const active of book.active.values()) {
    if (active.trial.attempts === 0) continue;
    for (const { attempt, failure, workerId } of await store.attempts(active.trial)) {
      active.lastGranted = Math.max(active.lastGranted, attempt);
      // A failed trial that is tried again on demand has all its retries again.
      if (!failure || reopened.numbers.has(active.trial.number)) continue;
      if (counts(failure)) {
        active.countedFailures++;
        active.failedAt.push(workerId);
      }
      if (failure.class === FailureClass.Lost) active.losses++;
    }
  }
  return { book, reopened };
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
  for (const trial of cancelled) {
    const decisions = await store.decisions(trial.sweepId, trial.number);
    const last = decisions.findLast(({ action }) => action === 'cancel' || action === 'retry');
    if (last?.action !== 'cancel') left.push(trial);
  }
  return left;
}
