import type { CoordinatorBus } from '../../messaging/bus.js';
import { protocolVersion } from '../../messaging/messages.js';
import type { StaleAttempt } from './changes.js';
import type { ActiveTrial, StopRequest, TrialBook } from './trial-book.js';

/** What a trial is told that it will be. */
const stateAfter = {
  prune: 'pruned',
  pause: 'paused',
  cancel: 'cancelled',
  // It saves what it has before it leaves.
  requeue: 'paused',
} as const satisfies Record<StopRequest['then'], string>;

/** Who was told to stop, and still runs after so many milliseconds, is told again. */
const tellAgain = 5_000;

/**
 * Tells workers to stop trials. An answer is not waited for: the trial's next report says what became of it. A command
 * that was under way when the connection broke is lost, hence `remind`.
 */
export class StopCommands {
  constructor(
    private readonly bus: CoordinatorBus,
    private readonly sweepId: string,
    /** Whether nobody else runs the sweep: else nothing is said. */
    private readonly isAlone: () => boolean,
    /** For what is measured. */
    private readonly now: () => number,
  ) {}

  /** A running trial that is to stop (`ActiveTrial.stop`). */
  send(active: ActiveTrial): void {
    const { trial, stop } = active;
    if (!stop || trial.workerId === undefined) return;
    active.toldAt = this.now();
    this.#send(trial.workerId, trial.number, trial.attempts, stateAfter[stop.then], stop.reason);
  }

  /** Tells those again that should have stopped by now. */
  remind(book: TrialBook): void {
    const before = this.now() - tellAgain;
    for (const active of book.active.values()) {
      const { trial, stop, toldAt = 0 } = active;
      if (stop && trial.state === 'running' && toldAt < before) this.send(active);
    }
  }

  sendStale({ workerId, number, attempt, reason }: StaleAttempt): void {
    this.#send(workerId, number, attempt, 'cancelled', reason);
  }

  #send(
    workerId: string,
    number: number,
    attempt: number,
    state: (typeof stateAfter)[StopRequest['then']],
    reason: string,
  ): void {
    const { sweepId } = this;
    if (!this.isAlone()) return;
    this.bus
      .sendCommand(workerId, {
        version: protocolVersion,
        kind: 'stop',
        sweepId,
        number,
        attempt,
        state,
        reason: reason.slice(0, 1024),
      })
      // The worker is gone, or the trial ended meanwhile. Both come out in other ways.
      .catch(() => undefined);
  }
}
