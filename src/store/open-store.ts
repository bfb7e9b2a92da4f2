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
 * Opens the store, creates it where there is none, and brings its schema up to date. Rejects with an EnvironmentError
 * that names the database and what to do about it, or with a UsageError for a `database` that is no such URL.
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
