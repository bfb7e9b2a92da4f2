import type { TrialState } from '../sweep/trial.js';
import {
  attemptColumns,
  attemptRow,
  decisionColumns,
  decisionRow,
  logColumns,
  logRow,
  reportColumns,
  reportRow,
} from './event-rows.js';
import type { Prisma } from './generated/sqlite/client.js';
import { numbersOf, planRecord } from './record-plan.js';
import type { Columns, RowOf } from './rows.js';
import { decodeRows, encodeRows } from './rows.js';
import type { Statements } from './statements.js';
import { numberColumn } from './statements.js';
import type { NewTrial, RecordBatch, RecordOutcome } from './sweep-store.js';
import {
  addedColumns,
  addedRow,
  changedColumns,
  changedRow,
  objectiveColumns,
  progressColumns,
  progressOf,
} from './trial-rows.js';
import { SupersededError } from './superseded-error.js';
import { UnknownSweepError } from './unknown-sweep-error.js';

type Transaction = Prisma.TransactionClient;

interface Tally {
  readonly epoch: number;
  /** Given to the trial that changed last. */
  readonly revision: number;
  /** Given to the decision that was stored last. */
  readonly decision: number;
}

/**
 * Writes groups of rows of one sweep, inside a transaction that it is given. Where `epoch` is given, only as long as
 * nobody else has taken the sweep over since (SupersededError).
 */
export class GroupWriter {
  constructor(
    private readonly statements: Statements,
    private readonly transaction: Transaction,
    private readonly sweepId: string,
    private readonly epoch: number | undefined,
  ) {}

  /** Nobody else takes the sweep over, or writes to it, before this transaction ends. */
  async checkEpoch(): Promise<void> {
    await this.#lockTally();
  }

  /** Adds the trials that are not stored yet. */
  async addTrials(trials: readonly NewTrial[], createdAt: number): Promise<void> {
    const { revision } = await this.#lockTally();
    const given = new Map(trials.map((trial) => [trial.number, trial]));
    const numbers = [...given.keys()].sort((a, b) => a - b);
    for (const { number } of await this.#stored(this.statements.trialNumbers, numberColumn, numbers)) {
      given.delete(number);
    }
    if (given.size === 0) return;
    const added = numbers.flatMap((number) => given.get(number) ?? []);
    const rows = added.map((trial, index) => addedRow(trial, createdAt, revision + index + 1));
    await this.#write(this.statements.addTrials, addedColumns, rows);
    await this.#addToTally(added.length, 0, new Map([['queued', added.length]]));
  }

  /** Applies a batch. `objectives` are the sweep's, in its order. */
  async record(batch: RecordBatch, objectives: readonly string[]): Promise<RecordOutcome> {
    const { revision, decision } = await this.#lockTally();
    const stored = await this.#stored(this.statements.progress, progressColumns, numbersOf(batch));
    const plan = planRecord(new Map(stored.map((row) => [row.number, progressOf(row)])), batch);

    const trials = plan.trials.map((trial, index) => changedRow(trial, objectives, revision + index + 1));
    const decisions = (batch.decisions ?? []).map((made, index) => decisionRow(made, decision + index + 1));
    const changeTrials = this.statements.changeTrials[
      Math.min(objectives.length, objectiveColumns.length)
    ] as string;
    await this.#write(changeTrials, changedColumns, trials);
    await this.#write(this.statements.upsertAttempts, attemptColumns, plan.attempts.map(attemptRow));
    await this.#write(this.statements.addReports, reportColumns, plan.reports.map(reportRow));
    await this.#write(this.statements.addLogs, logColumns, plan.logs.map(logRow));
    await this.#write(this.statements.addDecisions, decisionColumns, decisions);
    await this.#addToTally(trials.length, decisions.length, plan.counts);
    return { accepted: plan.accepted };
  }

  /** Whoever writes to a sweep holds its tally until the transaction ends: revisions have one order. */
  async #lockTally(): Promise<Tally> {
    const [tally] = await this.transaction.$queryRawUnsafe<Tally[]>(this.statements.lockTally, this.sweepId);
    if (!tally) throw new UnknownSweepError(this.sweepId);
    if (this.epoch !== undefined && tally.epoch !== this.epoch) throw new SupersededError(this.sweepId);
    return tally;
  }

  async #stored<C extends Columns>(
    statement: string,
    columns: C,
    numbers: readonly number[],
  ): Promise<RowOf<C>[]> {
    if (numbers.length === 0) return [];
    const parameter = encodeRows(
      numberColumn,
      numbers.map((number) => ({ number })),
    );
    const [found] = await this.transaction.$queryRawUnsafe<{ text: string }[]>(
      statement,
      this.sweepId,
      parameter,
    );
    return decodeRows(columns, found?.text ?? '[]');
  }

  async #write<C extends Columns>(statement: string, columns: C, rows: readonly RowOf<C>[]): Promise<void> {
    if (rows.length === 0) return;
    await this.transaction.$executeRawUnsafe(statement, this.sweepId, encodeRows(columns, rows));
  }

  async #addToTally(
    revisions: number,
    decisions: number,
    counts: ReadonlyMap<TrialState, number>,
  ): Promise<void> {
    if (revisions === 0 && decisions === 0) return;
    const of = (state: TrialState): number => counts.get(state) ?? 0;
    await this.transaction.$executeRawUnsafe(
      this.statements.addToTally,
      this.sweepId,
      revisions,
      decisions,
      of('queued'),
      of('running'),
      of('paused'),
      of('completed'),
      of('pruned'),
      of('failed'),
      of('cancelled'),
    );
  }
}
