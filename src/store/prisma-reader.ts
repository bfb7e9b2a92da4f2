import type { Trial, TrialKey, TrialState } from '../sweep/trial.js';
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
import type { PrismaClient } from './generated/sqlite/client.js';
import type { OpenDatabase } from './open-database.js';
import type { Columns, RowOf } from './rows.js';
import { decodeRows, decodeValues, encodeRows, storable } from './rows.js';
import type { Statements } from './statements.js';
import { numberColumn, statementsFor } from './statements.js';
import { sweepOf, workerOf } from './sweep-rows.js';
import type {
  AttemptRecord,
  DecisionRecord,
  LogRecord,
  ReportRecord,
  RevisedTrial,
  SweepRecord,
  TrialOutline,
  TrialQuery,
  WorkerRecord,
} from './sweep-store.js';
import { selectTrials } from './trial-query.js';
import { outlineColumns, outlineOf, trialColumns, trialOf } from './trial-rows.js';

/** How many trials are read at once, so that other work of the process goes on in between. */
const pageSize = 10_000;

/** What a store tells, over either database. */
export class PrismaReader {
  protected readonly statements: Statements;
  /** Names of the objectives of sweeps that were asked about; they never change. */
  readonly #objectives = new Map<string, readonly string[]>();
  #closed = false;

  constructor(protected readonly database: OpenDatabase) {
    this.statements = statementsFor(database.dialect);
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
    const rest = `trial ${this.statements.listed} ORDER BY number`;
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
    const rest = `attempt ${this.statements.listed} ORDER BY number, attempt`;
    return (await this.#rows(attemptColumns, rest, sweepId, listOf(numbers))).map(attemptOf);
  }

  async reportsOf(sweepId: string, numbers: readonly number[], every: number): Promise<ReportRecord[]> {
    const rest = `report ${this.statements.listed} AND (sequence = 1 OR sequence % $3 = 0)
      ORDER BY number, attempt, sequence`;
    return (await this.#rows(reportColumns, rest, sweepId, listOf(numbers), every)).map(reportOf);
  }

  async logsOf(sweepId: string, numbers: readonly number[]): Promise<LogRecord[]> {
    const rest = `log ${this.statements.listed} ORDER BY number, attempt, sequence`;
    return (await this.#rows(logColumns, rest, sweepId, listOf(numbers))).map(logOf);
  }

  listWorkers(): Promise<WorkerRecord[]> {
    return this.#read(async (prisma) => {
      const workers = await prisma.worker.findMany({ orderBy: [{ startedAt: 'asc' }, { id: 'asc' }] });
      return workers.map(workerOf);
    });
  }

  async decisions(sweepId: string, number?: number): Promise<DecisionRecord[]> {
    const about = number === undefined ? '' : 'AND number = $2';
    const rest = `decision WHERE sweep_id = $1 ${about} ORDER BY position`;
    const parameters = number === undefined ? [] : [number];
    const rows = await this.#rows(decisionColumns, rest, sweepId, ...parameters);
    return rows.map((row) => decisionOf(sweepId, row));
  }

  async decisionsOf(sweepId: string, numbers: readonly number[]): Promise<DecisionRecord[]> {
    const rest = `decision ${this.statements.listed} ORDER BY position`;
    const rows = await this.#rows(decisionColumns, rest, sweepId, listOf(numbers));
    return rows.map((row) => decisionOf(sweepId, row));
  }

  async sweepDecisions(sweepId: string): Promise<DecisionRecord[]> {
    const rest = 'decision WHERE sweep_id = $1 AND number IS NULL ORDER BY position';
    return (await this.#rows(decisionColumns, rest, sweepId)).map((row) => decisionOf(sweepId, row));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.database.close();
  }

  async #selectTrials(sweepId: string, query: TrialQuery, after?: number): Promise<Trial[]> {
    const objectives = query.orderBy ? await this.objectivesOf(sweepId) : [];
    const { rest, parameters } = selectTrials(query, objectives, this.database.dialect, after);
    const rows = await this.#rows(trialColumns, rest, sweepId, ...parameters);
    return rows.map((row) => trialOf(sweepId, row));
  }

  protected async objectivesOf(sweepId: string): Promise<readonly string[]> {
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
      const statement = this.statements.read(columns, rest);
      const [found] = await prisma.$queryRawUnsafe<{ text: string }[]>(statement, ...parameters);
      return found?.text ?? '[]';
    });
  }

  #read<T>(work: (prisma: PrismaClient) => Promise<T>): Promise<T> {
    return this.explained(() => work(this.database.prisma));
  }

  protected async explained<T>(work: () => Promise<T>): Promise<T> {
    // Prisma would open the database again.
    if (this.#closed) throw new Error('the store is closed');
    try {
      return await work();
    } catch (error) {
      throw this.database.explain(error);
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
