import type { Fleet } from '../fleet.js';
import { FailureClass, type Failure } from '../../sweep/trial.js';
import { suddenly } from './after-failure.js';
import type { ActiveTrial, TrialBook } from './trial-book.js';

/** A worker that lives lists what it runs at every heartbeat. One that does not for so long has lost the trial. */
const listingPatience = 10_000;

export interface LostTrial {
  readonly active: ActiveTrial;
  readonly failure: Failure;
  /** It was lost soon after it began, by our clock. */
  readonly isSudden: boolean;
}

/**
 * The running trials whose worker is gone, or lives and does not know of them. Notes in the book since when a trial
 * runs, and since when it is not listed.
 */
export function lostTrials(book: TrialBook, fleet: Fleet, now: number): LostTrial[] {
  const lost: LostTrial[] = [];
  for (const active of book.active.values()) {
    const { state, workerId, sweepId, number } = active.trial;
    if (state !== 'running' || workerId === undefined) continue;
    active.runningSince = Math.min(active.runningSince ?? now, now);
    const isSudden = now - active.runningSince < suddenly;
    if (!fleet.isAlive(workerId)) {
      lost.push({ active, failure: failure(`worker ${workerId} was lost`), isSudden });
      continue;
    }
    if (fleet.lists(workerId, sweepId, number, active.runningSince + listingPatience / 2) !== false) {
      active.unlistedSince = undefined;
      continue;
    }
    active.unlistedSince ??= now;
    if (now - active.unlistedSince > listingPatience)
      lost.push({ active, failure: failure(`worker ${workerId} no longer knows of it`), isSudden });
  }
  return lost;
}

function failure(message: string): Failure {
  return { class: FailureClass.Lost, message };
}
