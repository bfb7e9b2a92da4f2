import pg from 'pg';
import { EnvironmentError } from '../../support/errors.js';
import type { AppliedMigration, Migration } from '../migrations.js';
import { applyMigrations, unfitForReading, pendingMigrations } from '../migrations.js';

/** "SWYD": who migrates a database holds this advisory lock. */
const lock = 0x53_57_59_44;

// As `prisma migrate` makes it.
const migrationsTable = `CREATE TABLE _prisma_migrations (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/**
 * Brings the schema of a PostgreSQL database up to date, or (`readOnly`) checks that it is. `name` is how errors call
 * it. Processes that start at once wait for one another.
 */
export async function migratePostgresql(
  url: string,
  name: string,
  shipped: readonly Migration[],
  readOnly: boolean,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  // A connection that breaks also rejects the query that waits for it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const applied = await appliedIn(client, name);
    if (applied && pendingMigrations(applied, shipped, `the database ${name}`).length === 0) return;
    if (readOnly) throw unfitForReading(applied, `the database ${name}`);
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [lock]);
    const session = {
      exec: async (script: string): Promise<void> => void (await client.query(script)),
      applied: async (): Promise<AppliedMigration[]> => {
        const present = await appliedIn(client, name);
        if (!present) await client.query(migrationsTable);
        return present ?? [];
      },
    };
    await applyMigrations(session, shipped, `the database ${name}`);
    await client.query('COMMIT');
  } finally {
    // Rolls back what was not committed.
    await client.end();
  }
}

/** `undefined` for a new, empty database. */
async function appliedIn(client: pg.Client, name: string): Promise<AppliedMigration[] | undefined> {
  const { rows: tables } = await client.query<{ table_name: string }>(
    'SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()',
  );
  if (tables.length === 0) return undefined;
  if (!tables.some(({ table_name: table }) => table === '_prisma_migrations')) {
    throw new EnvironmentError(
      `the database ${name} belongs to another program: it has tables, and none is Sweepyard's. ` +
        'Make one of its own with `createdb`, and name it in --database.',
    );
  }
  const { rows } = await client.query<AppliedMigration>(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations
     WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL`,
  );
  return rows;
}
