import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client, Config } from '@libsql/client';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { EnvironmentError, messageOf } from '../../support/errors.js';
import { PrismaClient } from '../generated/sqlite/client.js';
import { shippedMigrations } from '../migrations.js';
import type { OpenDatabase } from '../open-database.js';
import { explainSqliteError } from './explain-sqlite-error.js';
import { migrateSqlite } from './migrate-sqlite.js';
import { SingleConnectionClient } from './single-connection-client.js';
import { sqliteDialect } from './sqlite-dialect.js';

/**
 * For every connection:
 * - A writer waits for another one, in this or another process, up to 10 seconds.
 * - What was committed survives the end of the process, however it ends, but the last moments before a power cut may
 *   be lost (the file stays whole): waiting for the disk at every group of reports would stop the event loop for it.
 */
const pragmas = `
  PRAGMA busy_timeout = 10000;
  PRAGMA synchronous = NORMAL;
  PRAGMA foreign_keys = ON;
  PRAGMA cache_size = -16000;
`;

/** Opens, and unless `readOnly` creates, the SQLite file at `path`. Rejects with an EnvironmentError. */
export async function openSqlite(path: string, readOnly: boolean): Promise<OpenDatabase> {
  const explain = (error: unknown): unknown => explainSqliteError(error, path);
  const url = pathToFileURL(path).href;
  prepareFolder(path, readOnly);
  const prisma = new PrismaClient({ adapter: new LocalLibSql({ url }, readOnly) });
  try {
    await migrateSqlite(url, path, shippedMigrations('sqlite'), readOnly);
    await prisma.$connect();
  } catch (error) {
    await prisma.$disconnect();
    throw explain(error);
  }
  const close = async (): Promise<void> => {
    if (!readOnly) await leaveOneFile(prisma);
    await prisma.$disconnect();
  };
  return { prisma, dialect: sqliteDialect, explain, close };
}

/** Moves what is in the write-ahead log into the file, so that a copy of the file is a copy of the database. */
async function leaveOneFile(prisma: PrismaClient): Promise<void> {
  try {
    await prisma.$queryRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // A full disk, say. Everything is in the log, and the next who opens the file reads it.
  }
}

function prepareFolder(path: string, readOnly: boolean): void {
  if (readOnly) {
    if (existsSync(path)) return;
    throw new EnvironmentError(
      `there is no database ${path}: no sweep has run here yet. Choose the folder of your sweeps with --dir.`,
    );
  }
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new EnvironmentError(
      `the folder ${folder} cannot be made: ${messageOf(error)}. Choose another one with --dir.`,
      { cause: error },
    );
  }
}

class LocalLibSql extends PrismaLibSql {
  constructor(
    config: Config,
    private readonly readOnly: boolean,
  ) {
    super(config);
  }

  override createClient(config: Config): Client {
    return new SingleConnectionClient(config.url);
  }

  override async connect(): Promise<SqlDriverAdapter> {
    const adapter = await super.connect();
    await adapter.executeScript(this.readOnly ? `${pragmas} PRAGMA query_only = ON;` : pragmas);
    return adapter;
  }
}
