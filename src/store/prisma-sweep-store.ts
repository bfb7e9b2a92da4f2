import { randomInt } from 'node:crypto';
import type { Prisma } from './generated/sqlite/client.js';
import { GroupWriter } from './group-writer.js';
import { PrismaReader } from './prisma-reader.js';
import { encodeRows, storable } from './rows.js';
import { sweepOf, workerColumns, workerRow } from './sweep-rows.js';
import type {
  NewSweep,
  NewTrial,
  RecordBatch,
  RecordOutcome,
  SweepRecord,
  SweepStore,
  Usage,
  WorkerRecord,
} from './sweep-store.js';
import { SweepState } from './sweep-store.js';
import { UnknownSweepError } from './unknown-sweep-error.js';

/** Waiting for another writer, and a large group on a slow disk, take longer than Prisma's 2 and 5 seconds. */
const transactionLimits = { maxWait: 60_000, timeout: 60_000 } as const;

/** The store over either database. Times of creation are by this machine's clock. */
export class PrismaSweepStore extends PrismaReader implements SweepStore {
  /** The epochs of the sweeps that this store leads. */
  readonly #epochs = new Map<string, number>();

  // --- sweeps

  createSweep({ definition, source }: NewSweep): Promise<SweepRecord> {
    return this.#write(async (transaction) => {
      const newest = await transaction.sweep.aggregate({ _max: { createdAt: true } });
      // Newest first is an order even where the clock stands or goes back.
      const createdAt = Math.max(Date.now(), Number(newest._max.createdAt ?? 0) + 1);
      const sweep = await transaction.sweep.create({
        data: {
          id: newSweepId(),
          name: definition.name,
          definition: JSON.stringify(definition),
          source: storable(source),
          state: SweepState.Running,
          createdAt,
          tally: { create: {} },
        },
        include: { tally: true },
      });
      return sweepOf(sweep);
    });
  }

  setSweepState(sweepId: string, state: SweepState, reason?: string): Promise<void> {
    const hasEnded = state === SweepState.Completed || state === SweepState.Failed;
    return this.#write(async (transaction) => {
      await this.#writer(transaction, sweepId).checkEpoch();
      const { count } = await transaction.sweep.updateMany({
        where: { id: sweepId },
        data: { state, reason: reason ?? null, finishedAt: hasEnded ? Date.now() : null },
      });
      if (count === 0) throw new UnknownSweepError(sweepId);
    });
  }

  addUsage(sweepId: string, usage: Usage): Promise<void> {
    return this.#write(async (transaction) => {
      await this.#writer(transaction, sweepId).checkEpoch();
      await transaction.sweepTally.update({
        where: { sweepId },
        data: {
          seconds: { increment: usage.seconds },
          slotSeconds: { increment: usage.slotSeconds },
          ...(this.#epochs.has(sweepId) && { leaderSeenAt: Date.now() }),
        },
      });
    });
  }

  async lead(sweepId: string, holder: string): Promise<void> {
    const epoch = await this.#write(async (transaction) => {
      await new GroupWriter(this.statements, transaction, sweepId, undefined).checkEpoch();
      const led = await transaction.sweepTally.update({
        where: { sweepId },
        data: { epoch: { increment: 1 }, leader: storable(holder), leaderSeenAt: Date.now() },
      });
      return led.epoch;
    });
    this.#epochs.set(sweepId, epoch);
  }

  // --- trials, written in groups

  addTrials(sweepId: string, trials: readonly NewTrial[]): Promise<void> {
    return this.#write((transaction) => this.#writer(transaction, sweepId).addTrials(trials, Date.now()));
  }

  async record(batch: RecordBatch): Promise<RecordOutcome> {
    const objectives = await this.objectivesOf(batch.sweepId);
    return this.#write(async (transaction) => {
      const outcome = await this.#writer(transaction, batch.sweepId).record(batch, objectives);
      if (batch.amendments) {
        const amendments = storable(JSON.stringify(batch.amendments));
        await transaction.sweep.update({ where: { id: batch.sweepId }, data: { amendments } });
      }
      return outcome;
    });
  }

  // --- workers

  recordWorkers(workers: readonly WorkerRecord[]): Promise<void> {
    // The last word about each: one statement must not write a row twice.
    const latest = new Map(workers.map((worker) => [worker.id, workerRow(worker)]));
    return this.#write(async (transaction) => {
      const rows = encodeRows(workerColumns, [...latest.values()]);
      await transaction.$executeRawUnsafe(this.statements.upsertWorkers, rows);
    });
  }

  #writer(transaction: Prisma.TransactionClient, sweepId: string): GroupWriter {
    return new GroupWriter(this.statements, transaction, sweepId, this.#epochs.get(sweepId));
  }

  #write<T>(work: (transaction: Prisma.TransactionClient) => Promise<T>): Promise<T> {
    return this.explained(() => this.database.prisma.$transaction(work, transactionLimits));
  }
}

/** 36 ** 8 of them: two sweeps of one store will not get the same. */
function newSweepId(): string {
  return Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('');
}
