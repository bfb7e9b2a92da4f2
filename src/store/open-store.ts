import { join } from 'node:path';
import { openPostgresql } from './postgresql/open-postgresql.js';
import { PrismaSweepStore } from './prisma-sweep-store.js';
import { openSqlite } from './sqlite/open-sqlite.js';
import type { SweepStore } from './sweep-store.js';

export interface StoreOptions {
  /** The data directory. The SQLite file in it is `sweepyard.db`. */
  readonly directory: string;
  /** `postgresql://user:password@host:port/database`. @default the SQLite file */
  readonly database?: string;
  /** For who only looks: nothing is created or changed, and a database that is missing is an error. @default false */
  readonly readOnly?: boolean;
}

/**
 * Opens the store: the SQLite file, or a PostgreSQL database where one is named. Creates what is not there, and brings
 * the schema up to date. Rejects with an EnvironmentError that names the database and what to do about it, or with a
 * UsageError for a `database` that is no such URL.
 *
 * One process opens an SQLite file for writing once: a second store that writes in the same process would hold up the
 * event loop while it waits for the first, which can't go on meanwhile. Readers and other processes are free.
 */
export async function openStore({
  directory,
  database,
  readOnly = false,
}: StoreOptions): Promise<SweepStore> {
  const opened = database
    ? await openPostgresql(database, readOnly)
    : await openSqlite(join(directory, 'sweepyard.db'), readOnly);
  return new PrismaSweepStore(opened);
}
