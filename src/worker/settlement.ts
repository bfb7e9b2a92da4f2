import type { WorkerBus } from '../messaging/bus.js';
import type { ClaimedAssignment } from './intake.js';

/**
 * Acknowledges assignments, but never before their results are stored: a worker that dies in between has its trials
 * delivered again, and the coordinator knows by then whether they are still wanted.
 */
export class Settlement {
  #waiting: ClaimedAssignment[] = [];
  #busy = false;
  #idle: (() => void)[] = [];

  constructor(
    private readonly bus: WorkerBus,
    private readonly onSettled: (claimed: ClaimedAssignment) => void,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** All results of this assignment were given to the bus. */
  add(claimed: ClaimedAssignment): void {
    this.#waiting.push(claimed);
    if (!this.#busy) void this.#work();
  }

  /** Resolves when nothing waits. */
  async finished(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.bus.flushReports();
        await Promise.all(batch.map((claimed) => settle(claimed)));
      } catch (error) {
        this.onError(error);
      }
      for (const claimed of batch) this.onSettled(claimed);
    }
    this.#busy = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

function settle({ delivery, retryAfter }: ClaimedAssignment): Promise<void> {
  if (retryAfter === undefined) return delivery.done();
  // Some members are still with another worker: the message comes again and asks for them.
  delivery.giveBack(retryAfter);
  return Promise.resolve();
}
