import type { CoordinatorBus } from '../../messaging/bus.js';
import { pbtOriginOf } from '../../sweep/pbt.js';
import type { Trial } from '../../sweep/trial.js';
import { messageOf } from '../../support/errors.js';
import type { TrialBook } from './trial-book.js';

/** Milliseconds between two looks. */
const interval = 10_000;

/**
 * Drops checkpoints that nobody goes on from: those of trials with a result, but for those from which another trial goes
 * on, or may. A cancelled trial keeps its own, for a sweep that was stopped goes on where it was. It looks at what is there rather than following what ends, so that what
 * a killed coordinator left behind, or a late worker sent, goes too.
 */
export class CheckpointTidying {
  #lookedAt = 0;
  #looking = false;

  constructor(
    private readonly bus: CoordinatorBus,
    private readonly sweepId: string,
    private readonly book: TrialBook,
    /** Those from which trials that are still to come may go on. */
    private readonly goesOnFrom: () => ReadonlySet<number>,
    private readonly say: (line: string) => void,
  ) {}

  /** Looks, if it is time. Nothing waits for it. */
  tick(now: number): void {
    if (this.#looking || now - this.#lookedAt < interval) return;
    this.#lookedAt = now;
    this.#looking = true;
    this.#dropDone()
      .catch((error: unknown) => this.say(`checkpoints were not tidied up: ${messageOf(error)}`))
      .finally(() => (this.#looking = false));
  }

  async #dropDone(): Promise<void> {
    // First what is there: what is not wanted after that was not wanted then.
    const numbers = await this.bus.checkpoints(this.sweepId);
    const wanted = new Set(this.goesOnFrom());
    for (const trial of this.book.trials) {
      const from = isDone(trial) ? undefined : pbtOriginOf(trial)?.from;
      if (from !== undefined) wanted.add(from);
    }
    const done = numbers.filter((number) => {
      const trial = this.book.find(number);
      return trial && isDone(trial) && !wanted.has(number);
    });
    await this.bus.dropCheckpoints(this.sweepId, done);
  }

  /** All of them: the sweep is completed. */
  async dropAll(): Promise<void> {
    await this.bus.dropCheckpoints(this.sweepId, await this.bus.checkpoints(this.sweepId));
  }
}

function isDone({ state }: Trial): boolean {
  return state === 'completed' || state === 'pruned' || state === 'failed';
}
