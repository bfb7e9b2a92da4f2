import { gammaln } from 'simple-statistics';
import type { Failure } from '../sweep/trial.js';

/** Attempts that ended, and how many of them failed. */
export interface Tally {
  readonly ended: number;
  readonly failed: number;
}

/** Of each worker's attempts so many, the last ones, count: machines get bad, and are repaired. */
const remembered = 20;
/** A worker is bad where chance alone would have it fail so much more than the others this rarely. */
const significance = 1e-4;
/** Milliseconds until a worker in quarantine gets a trial to show that it is well; doubled each time it is not. */
const firstQuarantine = 60_000;
const longestQuarantine = 3_600_000;
/** A worker on probation gets one trial in so many milliseconds, until one has ended. */
const probeInterval = 15_000;

interface Health {
  readonly outcomes: boolean[];
  /** Times it was put into quarantine since it was last well. */
  quarantines: number;
  /** Absent: it is well. */
  until?: number;
  probedAt?: number;
}

/**
 * Which workers are bad: many trials fail there that succeed elsewhere. No I/O; the clock (milliseconds) is handed in.
 */
export class WorkerHealth {
  readonly #workers = new Map<string, Health>();

  constructor(private readonly now: () => number) {}

  /**
   * An attempt ended at a worker. Failures that say nothing about the machine count too: where they are as frequent
   * elsewhere, they make no difference.
   * @returns the reason, where the worker is put into quarantine for it; `released` where it has shown that it is well
   */
  ended(workerId: string, failure: Failure | undefined): { reason: string } | 'released' | undefined {
    const health = this.#of(workerId);
    const isGood = failure === undefined;
    if (health.until !== undefined) {
      // What had begun before the quarantine says nothing new.
      if (this.now() < health.until) return undefined;
      if (isGood) {
        this.#workers.delete(workerId);
        return 'released';
      }
      return { reason: this.#quarantine(health, `its trial on probation failed: ${firstLine(failure)}`) };
    }
    health.outcomes.push(isGood);
    if (health.outcomes.length > remembered) health.outcomes.shift();
    if (isGood) return undefined;
    const verdict = badCompared(tallyOf(health), this.#elsewhere(workerId));
    if (verdict === undefined) return undefined;
    return { reason: this.#quarantine(health, `${verdict}; the last one by: ${firstLine(failure)}`) };
  }

  /** Whether it is to be left without trials now. */
  isBad(workerId: string): boolean {
    const health = this.#workers.get(workerId);
    if (health?.until === undefined) return false;
    const now = this.now();
    return now < health.until || (health.probedAt !== undefined && now - health.probedAt < probeInterval);
  }

  /** Whether it was put into quarantine and has not shown yet that it is well. */
  isSuspect(workerId: string): boolean {
    return this.#workers.get(workerId)?.until !== undefined;
  }

  /** It gets a trial. */
  granted(workerId: string): void {
    const health = this.#workers.get(workerId);
    if (health?.until !== undefined) health.probedAt = this.now();
  }

  /** It is gone. */
  forget(workerId: string): void {
    this.#workers.delete(workerId);
  }

  #of(workerId: string): Health {
    const known = this.#workers.get(workerId);
    if (known) return known;
    const health: Health = { outcomes: [], quarantines: 0 };
    this.#workers.set(workerId, health);
    return health;
  }

  #elsewhere(workerId: string): Tally {
    let [ended, failed] = [0, 0];
    for (const [id, health] of this.#workers) {
      if (id === workerId) continue;
      const tally = tallyOf(health);
      ended += tally.ended;
      failed += tally.failed;
    }
    return { ended, failed };
  }

  #quarantine(health: Health, reason: string): string {
    const time = Math.min(longestQuarantine, firstQuarantine * 2 ** health.quarantines);
    health.quarantines++;
    health.until = this.now() + time;
    delete health.probedAt;
    return `${reason}. It gets no trials for ${time / 1_000} s, and then one to show that it is well`;
  }
}

function tallyOf({ outcomes }: Health): Tally {
  return { ended: outcomes.length, failed: outcomes.filter((isGood) => !isGood).length };
}

/**
 * In words, where attempts fail so much more often here than elsewhere that chance is no explanation: Fisher's exact
 * test, one-sided, and at least half of them. Pure.
 */
export function badCompared(here: Tally, elsewhere: Tally): string | undefined {
  if (here.failed < 3 || 2 * here.failed < here.ended) return undefined;
  const p = fisherTail(here, elsewhere);
  if (p >= significance) return undefined;
  return (
    `${here.failed} of its last ${here.ended} attempts failed, elsewhere ${elsewhere.failed} of ${elsewhere.ended} ` +
    `(by chance in one of ${Math.floor(1 / p).toPrecision(1)} cases)`
  );
}

/** The probability that at least so many of all failures are here, were they spread at random. */
export function fisherTail(here: Tally, elsewhere: Tally): number {
  const failed = here.failed + elsewhere.failed;
  const total = here.ended + elsewhere.ended;
  const most = Math.min(failed, here.ended);
  const all = logChoose(total, failed);
  let p = 0;
  for (let k = here.failed; k <= most; k++) {
    if (failed - k > elsewhere.ended) continue;
    p += Math.exp(logChoose(here.ended, k) + logChoose(elsewhere.ended, failed - k) - all);
  }
  return Math.min(1, p);
}

function logChoose(n: number, k: number): number {
  return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1);
}

function firstLine({ class: kind, message }: Failure): string {
  return `${kind}, ${message.split('\n')[0]?.slice(0, 200)}`;
}
