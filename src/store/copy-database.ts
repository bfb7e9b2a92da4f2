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
  return {
    sweeps: await copy(
      (last?: ById) => from.sweep.findMany(pageById(last)),
      (data) => to.sweep.createMany({ data }),
    ),
    tallies: await copy(
      (last?: Pick<OfTrial, 'sweepId'>) =>
        from.sweepTally.findMany({
          take: pageSize,
          orderBy: { sweepId: 'asc' },
          where: last ? { sweepId: { gt: last.sweepId } } : {},
        }),
      (data) => to.sweepTally.createMany({ data }),
    ),
    workers: await copy(
      (last?: ById) => from.worker.findMany(pageById(last)),
      (data) => to.worker.createMany({ data }),
    ),
    trials: await copy(
      (last?: OfTrial) =>
        from.trial.findMany({
          take: pageSize,
          orderBy: [{ sweepId: 'asc' }, { number: 'asc' }],
          ...(last && after({ sweepId_number: { sweepId: last.sweepId, number: last.number } })),
        }),
      (data) => to.trial.createMany({ data }),
    ),
    attempts: await copy(
      (last?: OfAttempt) =>
        from.attempt.findMany({
          take: pageSize,
          orderBy: [{ sweepId: 'asc' }, { number: 'asc' }, { attempt: 'asc' }],
          ...(last && after({ sweepId_number_attempt: attemptOf(last) })),
        }),
      (data) => to.attempt.createMany({ data }),
    ),
    reports: await copy(
      (last?: InSequence) => from.report.findMany(pageInSequence(last)),
      (data) => to.report.createMany({ data }),
    ),
    logs: await copy(
      (last?: InSequence) => from.log.findMany(pageInSequence(last)),
      (data) => to.log.createMany({ data }),
    ),
    decisions: await copy(
      (last?: { readonly sweepId: string; readonly position: number }) =>
        from.decision.findMany({
          take: pageSize,
          orderBy: [{ sweepId: 'asc' }, { position: 'asc' }],
          ...(last && after({ sweepId_position: { sweepId: last.sweepId, position: last.position } })),
        }),
      (data) => to.decision.createMany({ data }),
    ),
  };
}

interface ById {
  readonly id: string;
}

interface OfTrial {
  readonly sweepId: string;
  readonly number: number;
}

interface OfAttempt extends OfTrial {
  readonly attempt: number;
}

/** What an attempt has sent. */
interface InSequence extends OfAttempt {
  readonly sequence: number;
}

function pageById(last: ById | undefined) {
  return { take: pageSize, orderBy: { id: 'asc' }, where: last ? { id: { gt: last.id } } : {} } as const;
}

function pageInSequence(last: InSequence | undefined) {
  const key = last && { ...attemptOf(last), sequence: last.sequence };
  return {
    take: pageSize,
    orderBy: [
      { sweepId: 'asc' as const },
      { number: 'asc' as const },
      { attempt: 'asc' as const },
      { sequence: 'asc' as const },
    ],
    ...(key && after({ sweepId_number_attempt_sequence: key })),
  };
}

function attemptOf({ sweepId, number, attempt }: OfAttempt): OfAttempt {
  return { sweepId, number, attempt };
}

function after<Cursor>(cursor: Cursor): { readonly skip: 1; readonly cursor: Cursor } {
  return { skip: 1, cursor };
}

/** @param read the page after a row, or the first one */
async function copy<Row extends Key, Key>(
  read: (last: Key | undefined) => Promise<Row[]>,
  write: (rows: Row[]) => Promise<unknown>,
): Promise<number> {
  let copied = 0;
  let last: Row | undefined;
  for (;;) {
    const rows = await read(last);
    last = rows.at(-1);
    if (!last) return copied;
    await write(rows);
    copied += rows.length;
    if (rows.length < pageSize) return copied;
  }
}
