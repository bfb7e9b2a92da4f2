import type { CoordinatorBus } from '../../messaging/bus.js';
import { protocolVersion } from '../../messaging/messages.js';
import type { StaleAttempt } from './changes.js';
import type { ActiveTrial, StopRequest } from './trial-book.js';

/** What a trial is told that it will be. */
const stateAfter = {
  prune: 'pruned',
  pause: 'paused',
  cancel: 'cancelled',
  // It saves what it has before it leaves.
  requeue: 'paused',
} as const satisfies Record<StopRequest['then'], string>;

/** Tells workers to stop trials. An answer is not waited for: the trial's next report says what became of it. */
export class StopCommands {
  constructor(
    private readonly bus: CoordinatorBus,
    private readonly sweepId: string,
    /** Whether nobody else runs the sweep: else nothing is said. */
    private readonly isAlone: () => boolean,
  ) {}

  /** A running trial that is to stop (`ActiveTrial.stop`). */
  send({ trial, stop }: ActiveTrial): void {
    if (!stop || trial.workerId === undefined) return;
    this.#send(trial.workerId, trial.number, trial.attempts, stateAfter[stop.then], stop.reason);
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
