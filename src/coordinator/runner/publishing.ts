import type { CoordinatorBus } from '../../messaging/bus.js';
import type { SweepRecord } from '../../store/sweep-store.js';
import { trialId } from '../../sweep/trial.js';
import type { Fleet } from '../fleet.js';
import type { PackKeys } from '../packing/pack-key.js';
import { assignmentOf } from './assignment.js';
import { publishedTogether } from './published-together.js';
import type { ActiveTrial, TrialBook } from './trial-book.js';
import { countUnread } from './unread.js';

export interface PublishingParts {
  readonly book: TrialBook;
  readonly fleet: Fleet;
  readonly bus: CoordinatorBus;
  /** For what is measured. */
  readonly now: () => number;
  /** See `RunnerOptions.claimPatience`. */
  readonly claimPatience?: number | undefined;
  /** No worker can read their assignments: they fail. */
  readonly giveUp: (trials: readonly ActiveTrial[]) => void;
}

/** A published trial that nobody has claimed for so long, although slots are free, is published again. Milliseconds. */
const claimPatience = 10_000;

/** Puts packs into the stream, and sees to it that they get from there to a worker. */
export class Publishing {
  #lastPack = 0;

  /** @param keys absent: every trial trains alone */
  constructor(
    private readonly parts: PublishingParts,
    private readonly keys: PackKeys | undefined,
  ) {}

  /** One assignment a pack. Resolves when the stream has them. */
  async publish(sweep: SweepRecord, packs: readonly (readonly ActiveTrial[])[]): Promise<void> {
    if (packs.length === 0) return;
    const { bus, book, now } = this.parts;
    const at = now();
    const messages = packs.flatMap((pack) => {
      const [first] = pack;
      if (!first) return [];
      this.#lastPack++;
      for (const active of pack) {
        active.publishedAt = at;
        active.deliveryRestarted = false;
        active.startsBefore = book.starts;
        active.pack = this.#lastPack;
      }
      // The stream knows an id for minutes, also after the message was taken or withdrawn: hence the time in it.
      const messageId = `${trialId(first.trial)}:${first.trial.attempts + 1}:${at}`;
      return [{ messageId, assignment: assignmentOf(sweep, pack, first, this.keys) }];
    });
    await bus.publishAssignments(sweep.definition.workers.pool, messages);
  }

  /**
   * For trials that have waited for a worker for long although slots are free. Where the stream holds fewer assignments
   * than trials wait or run, nats-server has lost some: they are published again. Where it holds enough, it does not
   * deliver them: its consumer is made anew, and where that does not help they are published again too (2.9.10 may lose
   * sight of the last message of a subject, once others were acknowledged out of order).
   * @param outstandingSlots slots that trials take which were published or run, by now
   */
  async recover(sweep: SweepRecord, outstandingSlots: () => number): Promise<void> {
    const { book, fleet, now, bus, giveUp } = this.parts;
    if (fleet.freeSlots === 0) return;
    const before = now() - (this.parts.claimPatience ?? claimPatience);
    const isForgotten = ({ trial, publishedAt, grant, askedUntil = 0 }: ActiveTrial): boolean =>
      trial.state === 'queued' &&
      publishedAt !== undefined &&
      Math.max(publishedAt, grant?.at ?? 0, askedUntil) < before;
    if (![...book.active.values()].some(isForgotten)) return;
    const { pool } = sweep.definition.workers;
    const pending = await bus.pendingAssignments(pool, sweep.id);
    // Some may have been claimed meanwhile.
    const forgotten = [...book.active.values()].filter(isForgotten);
    if (pending < outstandingSlots()) {
      const unread = new Set(countUnread(forgotten, book.starts));
      if (unread.size > 0) giveUp([...unread]);
      return await this.publish(sweep, publishedTogether(forgotten.filter((active) => !unread.has(active))));
    }
    const inVain = forgotten.filter(({ deliveryRestarted }) => deliveryRestarted);
    if (inVain.length > 0) return await this.publish(sweep, publishedTogether(inVain));
    for (const active of forgotten) {
      active.publishedAt = now();
      active.deliveryRestarted = true;
    }
    await bus.restartDelivery(pool);
  }
}
