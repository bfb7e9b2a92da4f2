import type { CoordinatorBus } from '../../messaging/bus.js';
import { messageOf } from '../../support/errors.js';
import type { TrialBook } from './trial-book.js';

/** Milliseconds between two looks. */
const interval = 10_000;

/**
 * Drops checkpoints that nobody goes on from: those of trials with a result. A cancelled trial keeps its own, for a
 * sweep that was stopped goes on where it was. It looks at what is there rather than following what ends, so that what
 * a killed coordinator left behind, or a late worker sent, goes too.
 */
export class CheckpointTidying {
  #lookedAt = 0;
  #looking = false;

  constructor(
    private readonly bus: CoordinatorBus,
    private readonly sweepId: string,
    private readonly book: TrialBook,
    private readonly say: (line: string) => void,
  ) {}

  /** Looks, if it is time. Nothing waits for it. */
  tick(now: number): void {
    if (this.#looking || now - this.#lookedAt < interval) return;
    this.#lookedAt = now;
    this.#looking = true;
    this.#drop((number) => ['completed', 'pruned', 'failed'].includes(this.book.find(number)?.state ?? ''))
      .catch((error: unknown) => this.say(`checkpoints were not tidied up: ${messageOf(error)}`))
      .finally(() => (this.#looking = false));
  }

  /** All of them: the sweep is completed. */
  async dropAll(): Promise<void> {
    await this.#drop(() => true);
  }

  async #drop(isDone: (number: number) => boolean): Promise<void> {
    const numbers = await this.bus.checkpoints(this.sweepId);
    await this.bus.dropCheckpoints(this.sweepId, numbers.filter(isDone));
  }
}
