import type { DecisionRecord } from '../../store/sweep-store.js';
import { UserFacingError, UsageError } from '../../support/errors.js';
import { isDecided } from '../runner/ending.js';
import type { SweepRunner } from '../runner/runner.js';
import type { ActiveTrial, TrialBook } from '../runner/trial-book.js';

/** The record that a user has decided this about a trial. */
type Decide = (number: number) => DecisionRecord;

/**
 * Cancels trials that have no result yet. What was done, in words.
 * @param decide stored together with what it decides: a later start goes by it
 * @throws UsageError for one that does not exist, UserFacingError
 */
export async function cancelTrials(
  runner: SweepRunner,
  book: TrialBook,
  numbers: readonly number[],
  reason: string,
  decide: Decide,
): Promise<string> {
  const found = unique(numbers).map((number) => {
    const trial = existing(book, number);
    const active = book.active.get(number);
    if (!active) throw new UserFacingError(`trial ${number} is ${trial} already`);
    return active;
  });
  await runner.change((taker, now, changes) => {
    for (const active of found) {
      const { state, number } = active.trial;
      changes.decisions.push(decide(number));
      if (state === 'paused' || (state === 'queued' && !active.grant))
        taker.cancel(active, reason, now, changes);
      else {
        active.stop = { then: 'cancel', reason, isForGood: true };
        if (state === 'running') changes.stops.push(active);
      }
    }
  });
  return `${counted(found.length)} cancelled`;
}

/**
 * Puts failed and cancelled trials back into the queue, with all their retries. What was done, in words.
 * @param numbers absent: all that failed
 * @param decide stored together with what it decides
 */
export async function retryTrials(
  runner: SweepRunner,
  book: TrialBook,
  numbers: readonly number[] | undefined,
  decide: Decide,
): Promise<string> {
  const again = numbers
    ? unique(numbers)
    : book.trials.filter(({ state }) => state === 'failed').map(({ number }) => number);
  if (again.length === 0) throw new UserFacingError('no trial has failed');
  for (const number of again) {
    const state = existing(book, number);
    if (state !== 'failed' && state !== 'cancelled')
      throw new UserFacingError(
        `trial ${number} is ${state}: only failed and cancelled ones can be tried again`,
      );
  }
  await runner.change((_, now, changes) => {
    for (const number of again) {
      changes.decisions.push(decide(number));
      const active = book.reopen(number);
      // An attempt may have been granted that never began.
      active.lastGranted = active.trial.attempts + 1;
      changes.requeued.push({ number, attempt: 0, finishedAt: now });
    }
  });
  return `${counted(again.length)} back in the queue`;
}

/** What runs goes back to the queue; it goes on later, from its checkpoint where it has one. */
export async function requeueRunning(runner: SweepRunner, book: TrialBook, reason: string): Promise<void> {
  await runner.change((_, __, changes) => {
    for (const active of book.active.values()) {
      if (!isStarting(active) || isDecided(active.stop, 'requeue')) continue;
      active.stop = { then: 'requeue', reason };
      if (active.trial.state === 'running') changes.stops.push(active);
    }
  });
}

function isStarting({ trial, grant }: ActiveTrial): boolean {
  return trial.state === 'running' || (trial.state === 'queued' && grant !== undefined);
}

/** The state of a trial. @throws UsageError where there is none */
function existing(book: TrialBook, number: number): string {
  const trial = book.find(number);
  if (trial) return trial.state;
  throw new UsageError(`there is no trial ${number}: the sweep has ${counted(book.size)} so far`);
}

function unique(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}

function counted(count: number): string {
  return count === 1 ? '1 trial' : `${count} trials`;
}
