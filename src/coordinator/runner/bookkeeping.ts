import type { SweepStore, WorkerRecord } from '../../store/sweep-store.js';
import type { Fleet } from '../fleet.js';
import type { StoreWriter } from './store-writer.js';
import type { UsageMeter } from './usage-meter.js';

export interface BookkeepingParts {
  readonly sweepId: string;
  readonly fleet: Fleet;
  readonly usage: UsageMeter;
  readonly store: SweepStore;
  readonly writer: StoreWriter;
  /** For what is measured. */
  readonly now: () => number;
  /** For what is stored. */
  readonly wall: () => number;
}

/** Stores, time and again, what a sweep has used and who worked for it. */
export class Bookkeeping {
  constructor(private readonly parts: BookkeepingParts) {}

  /** What has changed since. @param isLast also usage that could wait */
  async record(isLast = false): Promise<void> {
    const { sweepId, usage, store, writer, now } = this.parts;
    const workers = this.takeWorkers();
    if (workers.length > 0) await writer.run('workers', () => store.recordWorkers(workers));
    const used = usage.takeUnrecorded(now(), isLast);
    if (used) await writer.run('usage', () => store.addUsage(sweepId, used));
  }

  /** What has changed of the workers since, by the clock of what is stored. */
  takeWorkers(): WorkerRecord[] {
    const { fleet, now, wall } = this.parts;
    const ahead = wall() - now();
    return fleet.takeRecords().map((one) => ({ ...one, seenAt: one.seenAt + ahead }));
  }
}
