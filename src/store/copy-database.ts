import type { Prisma, PrismaClient } from './generated/sqlite/client.js';

/** Rows read and written at once. */
const pageSize = 2_000;

/** How many rows of each table were copied. */
export type CopiedRows = Readonly<Record<string, number>>;

/** The part of a client that copying takes: also inside a transaction. */
type Tables = Pick<
  PrismaClient | Prisma.TransactionClient,
  'sweep' | 'sweepTally' | 'worker' | 'trial' | 'attempt' | 'report' | 'log' | 'decision'
>;

/**
 * Copies every row, page by page, from one database to another of the same schema that holds none: SQLite and
 * PostgreSQL alike. `from` must not change meanwhile (a snapshot, or a transaction that sees one).
 */
export async function copyTables(from: Tables, to: Tables): Promise<CopiedRows> {
  const take = pageSize;
  return {
    sweeps: await copy(
      (last?: { readonly id: string }) =>
        from.sweep.findMany({ take, orderBy: { id: 'asc' }, where: last ? { id: { gt: last.id } } : {} }),
      (data) => to.sweep.createMany({ data }),
    ),
    tallies: await copy(
      (last?: { readonly sweepId: string }) =>
        from.sweepTally.findMany({
          take,
          orderBy: { sweepId: 'asc' },
          where: last ? { sweepId: { gt: last.sweepId } } : {},
        }),
      (data) => to.sweepTally.createMany({ data }),
    ),
    workers: await copy(
      (last?: { readonly id: string }) =>
        from.worker.findMany({ take, orderBy: { id: 'asc' }, where: last ? { id: { gt: last.id } } : {} }),
      (data) => to.worker.createMany({ data }),
    ),
    trials: await copy(
      (last?: { readonly sweepId: string; readonly number: number }) =>
        from.trial.findMany({
          take,
          orderBy: [{ sweepId: 'asc' }, { number: 'asc' }],
          ...(last && { skip: 1, cursor: { sweepId_number: last } }),
        }),
      (data) => to.trial.createMany({ data }),
      ({ sweepId, number }) => ({ sweepId, number }),
    ),
    attempts: await copy(
      (last?: { readonly sweepId: string; readonly number: number; readonly attempt: number }) =>
        from.attempt.findMany({
          take,
          orderBy: [{ sweepId: 'asc' }, { number: 'asc' }, { attempt: 'asc' }],
          ...(last && { skip: 1, cursor: { sweepId_number_attempt: last } }),
        }),
      (data) => to.attempt.createMany({ data }),
      ({ sweepId, number, attempt }) => ({ sweepId, number, attempt }),
    ),
    reports: await copy(
      (last?: {
        readonly sweepId: string;
        readonly number: number;
        readonly attempt: number;
        readonly sequence: number;
      }) =>
        from.report.findMany({
          take,
          orderBy: [{ sweepId: 'asc' }, { number: 'asc' }, { attempt: 'asc' }, { sequence: 'asc' }],
          ...(last && { skip: 1, cursor: { sweepId_number_attempt_sequence: last } }),
        }),
      (data) => to.report.createMany({ data }),
      ({ sweepId, number, attempt, sequence }) => ({ sweepId, number, attempt, sequence }),
    ),
    logs: await copy(
      (last?: {
        readonly sweepId: string;
        readonly number: number;
        readonly attempt: number;
        readonly sequence: number;
      }) =>
        from.log.findMany({
          take,
          orderBy: [{ sweepId: 'asc' }, { number: 'asc' }, { attempt: 'asc' }, { sequence: 'asc' }],
          ...(last && { skip: 1, cursor: { sweepId_number_attempt_sequence: last } }),
        }),
      (data) => to.log.createMany({ data }),
      ({ sweepId, number, attempt, sequence }) => ({ sweepId, number, attempt, sequence }),
    ),
    decisions: await copy(
      (last?: { readonly sweepId: string; readonly position: number }) =>
        from.decision.findMany({
          take,
          orderBy: [{ sweepId: 'asc' }, { position: 'asc' }],
          ...(last && { skip: 1, cursor: { sweepId_position: last } }),
        }),
      (data) => to.decision.createMany({ data }),
      ({ sweepId, position }) => ({ sweepId, position }),
    ),
  };
}

/**
 * @param read the page after a row, or the first one
 * @param keyOf of the last row of a page @default the row
 */
async function copy<Row extends Key, Key>(
  read: (last: Key | undefined) => Promise<Row[]>,
  write: (rows: Row[]) => Promise<unknown>,
  keyOf: (row: Row) => Key = (row) => row,
): Promise<number> {
  let copied = 0;
  let last: Key | undefined;
  for (;;) {
    const rows = await read(last);
    const end = rows.at(-1);
    if (!end) return copied;
    await write(rows);
    copied += rows.length;
    if (rows.length < pageSize) return copied;
    last = keyOf(end);
  }
}
