import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import { EnvironmentError, messageOf } from '../support/errors.js';
import { copyTables, type CopiedRows } from './copy-database.js';
import type { Prisma } from './generated/sqlite/client.js';
import type { StoreOptions } from './open-store.js';
import { openPostgresql } from './postgresql/open-postgresql.js';
import { postgresqlDialect } from './postgresql/postgresql-dialect.js';
import type { OpenDatabase } from './open-database.js';
import { explainSqliteError } from './sqlite/explain-sqlite-error.js';
import { openSqlite } from './sqlite/open-sqlite.js';

/**
 * Copies of the store. A backup is one SQLite file, whatever the database is: the same rows, as they all were at one
 * moment, taken while coordinators go on. What was under way then is taken up again by the next `start` after a
 * restore.
 */

export type Location = Omit<StoreOptions, 'readOnly'>;

const fileOf = (directory: string): string => join(directory, 'sweepyard.db');

/** @throws EnvironmentError where the file exists already, or something can't be read or written */
export async function backUp(from: Location, file: string): Promise<void> {
  if (existsSync(file)) throw new EnvironmentError(`${file} exists: a backup never replaces a file`);
  // Under another name until it is whole.
  await within(dirname(resolve(file)), async (folder) => {
    const unfinished = join(folder, 'backup.db');
    if (from.database === undefined) await snapshot(fileOf(from.directory), unfinished);
    else await copyPostgresql(from.database, unfinished);
    await rename(unfinished, file);
  });
}

/**
 * Puts a backup in the place of the store.
 * @returns where the SQLite file that was there before is now
 * @throws EnvironmentError where the file is no backup, is damaged, or the store has sweeps already and `replace` is not
 * set (a PostgreSQL database is never replaced)
 */
export async function restore(file: string, to: Location, replace: boolean): Promise<string | undefined> {
  await assertWhole(file);
  if (to.database !== undefined) {
    await copyAll(await openSqlite(file, true), await openEmpty(to.database));
    return undefined;
  }
  const target = fileOf(to.directory);
  if (existsSync(target) && !replace)
    throw new EnvironmentError(`${target} exists: --replace puts it aside and the backup in its place`);
  return await within(to.directory, async (folder) => {
    const fresh = join(folder, 'restored.db');
    await copyFile(file, fresh);
    const aside = existsSync(target) ? `${target}.before-restore-${Date.now()}` : undefined;
    if (aside !== undefined) {
      // With what is only in its log so far, so that the one file is all of it.
      await snapshot(target, aside);
      for (const suffix of ['-wal', '-shm']) await rm(target + suffix, { force: true });
    }
    await rename(fresh, target);
    return aside;
  });
}

/**
 * Copies the store of a data directory to a PostgreSQL database that holds no sweep.
 * @throws EnvironmentError, UsageError
 */
export async function migrateStore(directory: string, database: string): Promise<CopiedRows> {
  return await within(directory, async (folder) => {
    const still = join(folder, 'snapshot.db');
    await snapshot(fileOf(directory), still);
    return await copyAll(await openSqlite(still, true), await openEmpty(database));
  });
}

/** Does something with a temporary folder beside the files that it is for: renames must stay within a disk. */
async function within<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  let folder: string;
  try {
    folder = await mkdtemp(join(parent, '.sweepyard-copy-'));
  } catch (error) {
    throw new EnvironmentError(`the folder ${parent} cannot be written to: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A copy of an SQLite file as it is at one moment; writers go on meanwhile. */
async function snapshot(path: string, copy: string): Promise<void> {
  if (!existsSync(path))
    throw new EnvironmentError(`there is no database ${path}: no sweep has run here yet`);
  const client = createClient({ url: pathToFileURL(path).href });
  try {
    await client.execute('PRAGMA busy_timeout = 10000');
    await client.execute({ sql: 'VACUUM INTO ?', args: [copy] });
  } catch (error) {
    throw explainSqliteError(error, path);
  } finally {
    client.close();
  }
}

async function assertWhole(file: string): Promise<void> {
  if (!existsSync(file)) throw new EnvironmentError(`there is no file ${file}`);
  const client = createClient({ url: pathToFileURL(file).href });
  try {
    const { rows } = await client.execute('PRAGMA integrity_check');
    const found = rows[0]?.['integrity_check'];
    if (found !== 'ok') throw new EnvironmentError(`the backup ${file} is damaged: ${JSON.stringify(found)}`);
  } catch (error) {
    throw explainSqliteError(error, file);
  } finally {
    client.close();
  }
  // Says so where it is another program's database, or of a newer version.
  const opened = await openSqlite(file, true);
  await opened.close();
}

async function copyPostgresql(database: string, file: string): Promise<void> {
  await copyAll(await openPostgresql(database, true), await openSqlite(file, false));
}

async function openEmpty(database: string): Promise<OpenDatabase> {
  const opened = await openPostgresql(database, false);
  const sweeps = await opened.prisma.sweep.count();
  if (sweeps === 0) return opened;
  await opened.close();
  throw new EnvironmentError(
    `the PostgreSQL database holds ${sweeps} sweeps already: name one that holds none`,
  );
}

/** All or nothing; both are closed afterwards. */
async function copyAll(from: OpenDatabase, to: OpenDatabase): Promise<CopiedRows> {
  try {
    return await to.prisma.$transaction(
      (writer) => reading(from, (reader) => copyTables(reader, writer)),
      allDay,
    );
  } catch (error) {
    throw from.explain(to.explain(error));
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
}

const allDay = { maxWait: 60_000, timeout: 24 * 3_600_000 } as const;

/** All reads see one moment. Of SQLite only files are read that nobody writes to. */
async function reading<T>(
  { prisma, dialect }: OpenDatabase,
  read: (tables: Prisma.TransactionClient) => Promise<T>,
): Promise<T> {
  if (dialect !== postgresqlDialect) return await read(prisma);
  // The generated types are SQLite's, which has this level only.
  const isolationLevel = 'RepeatableRead' as Prisma.TransactionIsolationLevel;
  return await prisma.$transaction(read, { ...allDay, isolationLevel });
}
