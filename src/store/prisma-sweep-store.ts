import { randomInt } from 'node:crypto';
import type { Trial, TrialKey, TrialState } from '../sweep/trial.js';
import type { Dialect } from './dialect.js';
import {
  attemptColumns,
  attemptOf,
  decisionColumns,
  decisionOf,
  logColumns,
  logOf,
  reportColumns,
  reportOf,
} from './event-rows.js';
import type { Prisma, PrismaClient } from './generated/sqlite/client.js';
import { GroupWriter } from './group-writer.js';
import type { Columns, RowOf } from './rows.js';
import { decodeRows, decodeValues, encodeRows, storable } from './rows.js';
import type { Statements } from './statements.js';
import { numberColumn, statementsFor } from './statements.js';
import { sweepOf, workerColumns, workerOf, workerRow } from './sweep-rows.js';
import type {
  AttemptRecord,
  DecisionRecord,
  LogRecord,
  NewSweep,
  NewTrial,
  RecordBatch,
  RecordOutcome,
  ReportRecord,
  RevisedTrial,
  SweepRecord,
  SweepStore,
  TrialOutline,
  TrialQuery,
  Usage,
  WorkerRecord,
} from './sweep-store.js';
import { SweepState } from './sweep-store.js';
import { selectTrials } from './trial-query.js';
import { outlineColumns, outlineOf, trialColumns, trialOf } from './trial-rows.js';
import { UnknownSweepError } from './unknown-sweep-error.js';

/** A database that is open, has the present schema, and explains its errors. */
export interface OpenDatabase {
  readonly prisma: PrismaClient;
  readonly dialect: Dialect;
  /** What went wrong in words for the user, where that is known; else the error itself. */
  explain(error: unknown): unknown;
  close(): Promise<void>;
}

/** Waiting for another writer, and a large group on a slow disk, take longer than Prisma's 2 and 5 seconds. */
const transactionLimits = { maxWait: 60_000, timeout: 60_000 } as const;

/** How many trials are read at once, so that other work of the process goes on in between. */
const pageSize = 10_000;

/** The store over either database. Times of creation are by this machine's clock. */
export class PrismaSweepStore implements SweepStore {
  readonly #database: OpenDatabase;
  readonly #statements: Statements;
  /** Names of the objectives of sweeps that were asked about; they never change. */
  readonly #objectives = new Map<string, readonly string[]>();
  /** The epochs of the sweeps that this store leads. */
  readonly #epochs = new Map<string, number>();
  #closed = false;

  constructor(database: OpenDatabase) {
    this.#database = database;
    this.#statements = statementsFor(database.dialect);
  }

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

  findSweep(reference: string): Promise<SweepRecord | undefined> {
    const wanted = storable(reference);
    return this.#read(async (prisma) => {
      const include = { tally: true } as const;
      const sweep =
        (await prisma.sweep.findUnique({ where: { id: wanted }, include })) ??
        (await prisma.sweep.findFirst({ where: { name: wanted }, orderBy: { createdAt: 'desc' }, include }));
      return sweep ? sweepOf(sweep) : undefined;
    });
  }

  listSweeps(): Promise<SweepRecord[]> {
    return this.#read(async (prisma) => {
      const sweeps = await prisma.sweep.findMany({
        orderBy: { createdAt: 'desc' },
        include: { tally: true },
      });
      return sweeps.map(sweepOf);
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
      await new GroupWriter(this.#statements, transaction, sweepId, undefined).checkEpoch();
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
    const objectives = await this.#objectivesOf(batch.sweepId);
    return this.#write(async (transaction) => {
      const outcome = await this.#writer(transaction, batch.sweepId).record(batch, objectives);
      if (batch.amendments) {
        const amendments = storable(JSON.stringify(batch.amendments));
        await transaction.sweep.update({ where: { id: batch.sweepId }, data: { amendments } });
      }
      return outcome;
    });
  }

  // --- trials, read

  async trial({ sweepId, number }: TrialKey): Promise<Trial | undefined> {
    const rest = 'trial WHERE sweep_id = $1 AND number = $2';
    const [row] = await this.#rows(trialColumns, rest, sweepId, number);
    return row && trialOf(sweepId, row);
  }

  /**
   * Ordering by one of the sweep's first four objectives uses an index; by any other metric it looks at every trial
   * (about 0.2 s for 100,000).
   */
  async trials(sweepId: string, query: TrialQuery = {}): Promise<Trial[]> {
    if (query.orderBy || query.offset !== undefined) return this.#selectTrials(sweepId, query);
    const trials: Trial[] = [];
    for (let left = query.limit ?? Infinity; left > 0; left -= pageSize) {
      const limit = Math.min(left, pageSize);
      const page = await this.#selectTrials(sweepId, { ...query, limit }, trials.at(-1)?.number);
      for (const trial of page) trials.push(trial);
      if (page.length < limit) break;
    }
    return trials;
  }

  async trialsOf(sweepId: string, numbers: readonly number[]): Promise<Trial[]> {
    const rest = `trial ${this.#statements.listed} ORDER BY number`;
    const rows = await this.#rows(trialColumns, rest, sweepId, listOf(numbers));
    return rows.map((row) => trialOf(sweepId, row));
  }

  countTrials(sweepId: string): Promise<Record<TrialState, number>> {
    return this.#read(async (prisma) => {
      const tally = await prisma.sweepTally.findUnique({ where: { sweepId } });
      const count = (state: TrialState): number => tally?.[state] ?? 0;
      return {
        queued: count('queued'),
        running: count('running'),
        paused: count('paused'),
        completed: count('completed'),
        pruned: count('pruned'),
        failed: count('failed'),
        cancelled: count('cancelled'),
      };
    });
  }

  async changesSince(sweepId: string, revision: number, limit: number): Promise<RevisedTrial[]> {
    const rest = 'trial WHERE sweep_id = $1 AND revision > $2 ORDER BY revision LIMIT $3';
    const rows = await this.#rows(trialColumns, rest, sweepId, revision, limit);
    return rows.map((row) => ({ revision: row.revision, trial: trialOf(sweepId, row) }));
  }

  async outlinesSince(sweepId: string, revision: number, limit: number): Promise<TrialOutline[]> {
    const rest = 'trial WHERE sweep_id = $1 AND revision > $2 ORDER BY revision LIMIT $3';
    const text = await this.#text(outlineColumns, rest, sweepId, revision, limit);
    return decodeValues(text).map(outlineOf);
  }

  async attempts({ sweepId, number }: TrialKey): Promise<AttemptRecord[]> {
    const rest = 'attempt WHERE sweep_id = $1 AND number = $2 ORDER BY attempt';
    return (await this.#rows(attemptColumns, rest, sweepId, number)).map(attemptOf);
  }

  async reports({ sweepId, number }: TrialKey): Promise<ReportRecord[]> {
    const rest = 'report WHERE sweep_id = $1 AND number = $2 ORDER BY attempt, sequence';
    return (await this.#rows(reportColumns, rest, sweepId, number)).map(reportOf);
  }

  async reportsBetween(sweepId: string, from: number, to: number): Promise<ReportRecord[]> {
    const rest =
      'report WHERE sweep_id = $1 AND number >= $2 AND number < $3 ORDER BY number, attempt, sequence';
    return (await this.#rows(reportColumns, rest, sweepId, from, to)).map(reportOf);
  }

  async attemptsOf(sweepId: string, numbers: readonly number[]): Promise<AttemptRecord[]> {
    const rest = `attempt ${this.#statements.listed} ORDER BY number, attempt`;
    return (await this.#rows(attemptColumns, rest, sweepId, listOf(numbers))).map(attemptOf);
  }

  async reportsOf(sweepId: string, numbers: readonly number[], every: number): Promise<ReportRecord[]> {
    const rest = `report ${this.#statements.listed} AND (sequence = 1 OR sequence % $3 = 0)
      ORDER BY number, attempt, sequence`;
    return (await this.#rows(reportColumns, rest, sweepId, listOf(numbers), every)).map(reportOf);
  }

  async logsOf(sweepId: string, numbers: readonly number[]): Promise<LogRecord[]> {
    const rest = `log ${this.#statements.listed} ORDER BY number, attempt, sequence`;
    return (await this.#rows(logColumns, rest, sweepId, listOf(numbers))).map(logOf);
  }

  // --- workers

  recordWorkers(workers: readonly WorkerRecord[]): Promise<void> {
    // The last word about each: one statement must not write a row twice.
    const latest = new Map(workers.map((worker) => [worker.id, workerRow(worker)]));
    return this.#write(async (transaction) => {
      const rows = encodeRows(workerColumns, [...latest.values()]);
      await transaction.$executeRawUnsafe(this.#statements.upsertWorkers, rows);
    });
  }

  listWorkers(): Promise<WorkerRecord[]> {
    return this.#read(async (prisma) => {
      const workers = await prisma.worker.findMany({ orderBy: [{ startedAt: 'asc' }, { id: 'asc' }] });
      return workers.map(workerOf);
    });
  }

  // --- decisions

  async decisions(sweepId: string, number?: number): Promise<DecisionRecord[]> {
    const about = number === undefined ? '' : 'AND number = $2';
    const rest = `decision WHERE sweep_id = $1 ${about} ORDER BY position`;
    const parameters = number === undefined ? [] : [number];
    const rows = await this.#rows(decisionColumns, rest, sweepId, ...parameters);
    return rows.map((row) => decisionOf(sweepId, row));
  }

  async sweepDecisions(sweepId: string): Promise<DecisionRecord[]> {
    const rest = 'decision WHERE sweep_id = $1 AND number IS NULL ORDER BY position';
    return (await this.#rows(decisionColumns, rest, sweepId)).map((row) => decisionOf(sweepId, row));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#database.close();
  }

  async #selectTrials(sweepId: string, query: TrialQuery, after?: number): Promise<Trial[]> {
    const objectives = query.orderBy ? await this.#objectivesOf(sweepId) : [];
    const { rest, parameters } = selectTrials(query, objectives, this.#database.dialect, after);
    const rows = await this.#rows(trialColumns, rest, sweepId, ...parameters);
    return rows.map((row) => trialOf(sweepId, row));
  }

  async #objectivesOf(sweepId: string): Promise<readonly string[]> {
    const known = this.#objectives.get(sweepId);
    if (known) return known;
    const sweep = await this.findSweep(sweepId);
    if (sweep?.id !== sweepId) return [];
    const objectives = Object.keys(sweep.definition.objectives);
    this.#objectives.set(sweepId, objectives);
    return objectives;
  }

  async #rows<C extends Columns>(
    columns: C,
    rest: string,
    ...parameters: readonly (string | number)[]
  ): Promise<RowOf<C>[]> {
    return decodeRows(columns, await this.#text(columns, rest, ...parameters));
  }

  #text(columns: Columns, rest: string, ...parameters: readonly (string | number)[]): Promise<string> {
    return this.#read(async (prisma) => {
      const statement = this.#statements.read(columns, rest);
      const [found] = await prisma.$queryRawUnsafe<{ text: string }[]>(statement, ...parameters);
      return found?.text ?? '[]';
    });
  }

  #writer(transaction: Prisma.TransactionClient, sweepId: string): GroupWriter {
    return new GroupWriter(this.#statements, transaction, sweepId, this.#epochs.get(sweepId));
  }

  #read<T>(work: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    return this.#explained(() => work(this.#database.prisma));
  }

  #write<T>(work: (transaction: Prisma.TransactionClient) => Promise<T>): Promise<T> {
    return this.#explained(() => this.#database.prisma.$transaction(work, transactionLimits));
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    // Prisma would open the database again.
    if (this.#closed) throw new Error('the store is closed');
    try {
      return await work();
    } catch (error) {
      throw this.#database.explain(error);
    }
  }
}

/** Numbers as the parameter of `Statements.listed`. */
function listOf(numbers: readonly number[]): string {
  return encodeRows(
    numberColumn,
    numbers.map((number) => ({ number })),
  );
}

/** 36 ** 8 of them: two sweeps of one store will not get the same. */
function newSweepId(): string {
  return Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('');
}
