import type { Fleet } from '../fleet.js';
import type { Changes } from './changes.js';
import { FailureStreak } from './failure-streak.js';
import type { TrialBook } from './trial-book.js';

/**
 * Draws conclusions from how attempts end: a machine at which trials fail that succeed elsewhere is put aside, and its
 * trials are tried again without a mark against them; where everything fails alike, the sweep should end.
 */
export class OutcomeJudge {
  readonly #streak: FailureStreak;

  constructor(
    private readonly book: TrialBook,
    private readonly fleet: Fleet,
    private readonly sweepId: string,
    private readonly say: (line: string) => void,
  ) {
    const { completed, pruned } = book.counts;
    this.#streak = new FailureStreak(completed + pruned > 0);
  }

  /** Adds to the changes what follows from them. The reason, where the sweep should end. */
  judge(changes: Changes, now: number): string | undefined {
    let hopeless: string | undefined;
    for (const { workerId, number, failure } of changes.outcomes) {
      hopeless ??= this.#streak.ended(number, failure);
      const verdict = this.fleet.attemptEnded(workerId, failure);
      if (verdict === 'released')
        this.#decide('release', `worker ${workerId}: its trial on probation went well`, changes, now);
      else if (verdict) this.#decide('quarantine', `worker ${workerId}: ${verdict.reason}`, changes, now);
      // Also what it had begun before, and the trial on probation. Where it works on alone they would come back for ever.
      if (failure && this.fleet.isSuspect(workerId) && this.fleet.hasOther(workerId))
        this.#forgive(workerId, changes, now);
    }
    return hopeless;
  }

  #decide(action: string, reason: string, changes: Changes, now: number): void {
    changes.decisions.push({ sweepId: this.sweepId, action, reason, decidedAt: now });
    this.say(`${action} of ${reason}`);
  }

  /** What failed there is no fault of the trials. */
  #forgive(workerId: string, changes: Changes, now: number): void {
    for (const active of this.book.active.values()) {
      const elsewhere = active.failedAt.filter((id) => id !== workerId);
      active.countedFailures -= active.failedAt.length - elsewhere.length;
      active.failedAt = elsewhere;
    }
    for (const trial of this.book.trials) {
      if (trial.state !== 'failed' || trial.workerId !== workerId) continue;
      const { number } = trial;
      this.book.reopen(number);
      changes.requeued.push({ number, attempt: 0, finishedAt: now });
      const reason = `its failure at ${workerId} does not count: the worker is in quarantine`;
      changes.decisions.push({ sweepId: this.sweepId, number, action: 'retry', reason, decidedAt: now });
    }
  }
}
