import { protocolVersion, type Claim, type ClaimReply } from '../../messaging/messages.js';
import type { ActiveTrial, Grant, TrialBook } from './trial-book.js';
import { waitLeft } from './waiting-line.js';

/** What is known of the workers, for deciding about claims. */
export interface WorkerKnowledge {
  isAlive(workerId: string): boolean;
  /** Whether the worker's own state, as of `after` or later, lists the trial; undefined: nothing that new is known. */
  lists(workerId: string, sweepId: string, number: number, after: number): boolean | undefined;
  /** The worker has said that it can't train this sweep, or is in quarantine. */
  isUnable(workerId: string): boolean;
  /** Whether another worker could train it, none of those left out. */
  hasOther(workerId: string, leftOut?: readonly string[]): boolean;
  /** It gets a trial. */
  granted(workerId: string): void;
}

export interface ClaimRules {
  readonly concurrency: number | undefined;
  /** No new attempts: the sweep is ending. */
  readonly closed: boolean;
  /** What waits is published anew when the sweep goes on: its assignments are not wanted meanwhile. @default false */
  readonly paused?: boolean;
}

/** Milliseconds after which to ask again. */
export const askAgain = {
  /** Another worker runs it, and will for as long as a trial takes. */
  runsElsewhere: 10_000,
  /** This worker can't train it; time for others to take it. Short: while it waits nobody has it. */
  unable: 100,
  /** It has failed here; time for others to take it. */
  failedHere: 100,
  /** Full for the moment, or the sweep is ending. */
  notNow: 500,
} as const;

/** A worker that gets no answer asks again after 5 s (`claimTimeout` of the bus). Milliseconds. */
const answerPatience = 4_000;

/** A trial that failed at a worker waits for others so long, once it may be tried again. Milliseconds. */
const elsewhereFirst = 30_000;

/** A worker says that it has started, or lists the trial, within so many milliseconds, or has lost the grant. */
const grantPatience = 15_000;

/**
 * Answers a worker's claim from memory, and notes what it grants in the book. A trial is granted while it is queued
 * and no other worker that lives holds a grant for it, so it runs at one worker at most as far as can be known. A
 * worker that asks again gets the same attempt again: its first answer was lost.
 */
export function answerClaim(
  book: TrialBook,
  claim: Claim,
  workers: WorkerKnowledge,
  rules: ClaimRules,
  now: number,
): ClaimReply {
  const granted: { number: number; attempt: number }[] = [];
  let retryAfter: number | undefined;
  for (const number of claim.numbers) {
    const active = book.active.get(number);
    // A paused trial is published anew when it goes on.
    if (!active || active.trial.state === 'paused') continue;
    if (rules.paused && active.trial.state === 'queued' && active.grant?.workerId !== claim.workerId)
      continue;
    // Somebody could read its assignment.
    active.unread = undefined;
    const wait = mustWait(active, claim.workerId, workers, rules, book, now);
    active.askedUntil = now + (wait ?? 0);
    if (wait === undefined) {
      active.grant = grantFor(active, claim.workerId, now);
      workers.granted(claim.workerId);
      granted.push({ number, attempt: active.grant.attempt });
    } else {
      retryAfter = Math.max(retryAfter ?? 0, wait);
    }
  }
  if (retryAfter === undefined) return { version: protocolVersion, granted };
  const unable = granted.length === 0 && workers.isUnable(claim.workerId);
  return { version: protocolVersion, granted, retryAfter, ...(unable && { unable }) };
}

function mustWait(
  active: ActiveTrial,
  workerId: string,
  workers: WorkerKnowledge,
  rules: ClaimRules,
  book: TrialBook,
  now: number,
): number | undefined {
  const { trial, grant } = active;
  if (trial.state !== 'queued') return askAgain.runsElsewhere;
  // It asks again because the answer was lost, which takes seconds to tell; sooner it is a second delivery.
  if (grant?.workerId === workerId) return now - grant.at < answerPatience ? askAgain.notNow : undefined;
  if (rules.closed) return askAgain.notNow;
  if (workers.isUnable(workerId)) return askAgain.unable;
  const { notBefore, failedAt } = active;
  const left = waitLeft(active, now);
  if (left > 0) return left;
  // Elsewhere first, where it has not failed yet: what is wrong may be this machine.
  if (
    failedAt.includes(workerId) &&
    now - (notBefore ?? 0) < elsewhereFirst &&
    workers.hasOther(workerId, failedAt)
  )
    return askAgain.failedHere;
  if (grant && stands(grant, active, workers, now)) return askAgain.runsElsewhere;
  if (rules.concurrency !== undefined && book.taken >= rules.concurrency) return askAgain.notNow;
  return undefined;
}

/** Takes back the grants of workers that are gone, or do not know of theirs. */
export function dropVoidGrants(book: TrialBook, workers: WorkerKnowledge, now: number): void {
  for (const active of book.active.values())
    if (active.grant && !stands(active.grant, active, workers, now)) active.grant = undefined;
}

/** Whether a grant is still good, although its worker has not said that it started. */
function stands(grant: Grant, { trial }: ActiveTrial, workers: WorkerKnowledge, now: number): boolean {
  if (!workers.isAlive(grant.workerId)) return false;
  if (now - grant.at < grantPatience) return true;
  return workers.lists(grant.workerId, trial.sweepId, trial.number, grant.at + grantPatience / 3) !== false;
}

function grantFor(active: ActiveTrial, workerId: string, now: number): Grant {
  const { grant, trial, lastGranted } = active;
  if (grant?.workerId === workerId) return { ...grant, at: now };
  active.lastGranted = Math.max(trial.attempts, lastGranted) + 1;
  return { workerId, attempt: active.lastGranted, at: now };
}
