import type { Client, Transaction } from '@libsql/client';
import { createClient } from '@libsql/client';
import { EnvironmentError } from '../../support/errors.js';
import type { AppliedMigration, Migration, MigrationSession } from '../migrations.js';
import { applyMigrations, unfitForReading, pendingMigrations } from '../migrations.js';

// As `prisma migrate` makes it.
const migrationsTable = `CREATE TABLE _prisma_migrations (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

/**
 * Brings the schema of an SQLite file up to date, or (`readOnly`) checks that it is. `path` is how errors call it.
 * Processes that start at once wait for one another.
 */
export async function migrateSqlite(
  url: string,
  path: string,
  shipped: readonly Migration[],
  readOnly: boolean,
): Promise<void> {
  const client = createClient({ url });
  try {
    await client.execute('PRAGMA busy_timeout = 10000');
    const applied = await appliedIn(client, path);
    if (applied && pendingMigrations(applied, shipped, `the database ${path}`).length === 0) return;
    if (readOnly) throw unfitForReading(applied, `the database ${path}`);
    // Readers beside the writer. The mode stays with the file.
    await client.execute('PRAGMA journal_mode = WAL');
    // Prisma rebuilds a table by dropping it, which with foreign keys on deletes the rows that refer to it; inside a
    // transaction they can't be switched off any more.
    await client.execute('PRAGMA foreign_keys = OFF');
    const transaction = await client.transaction('write');
    try {
      await applyMigrations(new SqliteSession(transaction, path), shipped, `the database ${path}`);
      const broken = await transaction.execute('PRAGMA foreign_key_check');
      if (broken.rows.length > 0) {
        throw new EnvironmentError(
          `the database ${path} cannot be brought up to date: ${broken.rows.length} of its rows refer to rows that ` +
            'do not exist. Nothing was changed.',
        );
      }
      await transaction.commit();
    } finally {
      transaction.close();
    }
  } finally {
    client.close();
  }
}

class SqliteSession implements MigrationSession {
  constructor(
    private readonly transaction: Transaction,
    private readonly path: string,
  ) {}

  exec(script: string): Promise<void> {
    return this.transaction.executeMultiple(script);
  }

  async applied(): Promise<AppliedMigration[]> {
    const applied = await appliedIn(this.transaction, this.path);
    if (!applied) await this.exec(migrationsTable);
    return applied ?? [];
  }
}

/** `undefined` for a new, empty database. */
async function appliedIn(
  connection: Pick<Client | Transaction, 'execute'>,
  path: string,
): Promise<AppliedMigration[] | undefined> {
  const tables = (await connection.execute(`SELECT name FROM sqlite_master WHERE type = 'table'`)).rows;
  if (tables.length === 0) return undefined;
  if (!tables.some(({ name }) => name === '_prisma_migrations')) {
    throw new EnvironmentError(
      `the database ${path} belongs to another program: it has tables, and none is Sweepyard's. ` +
        'Choose another folder with --dir.',
    );
  }
  const applied = await connection.execute(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL',
  );
  return applied.rows.map(({ migration_name: name, checksum }) => ({
    name: name as string,
    checksum: checksum as string,
  }));
}
