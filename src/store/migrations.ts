import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../support/errors.js';

/** One change of the schema: a folder under `prisma/<provider>/migrations`. */
export interface Migration {
  readonly name: string;
  /** SHA-256 of the text, as Prisma writes it. */
  readonly checksum: string;
  readonly sql: string;
}

export type AppliedMigration = Omit<Migration, 'sql'>;

/** The migrations that come with this program, oldest first. */
export function shippedMigrations(provider: 'sqlite' | 'postgresql'): Migration[] {
  return readMigrations(fileURLToPath(new URL(`../../prisma/${provider}/migrations`, import.meta.url)));
}

export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, checksum: createHash('sha256').update(sql).digest('hex'), sql };
    });
}

/**
 * Which migrations a database still needs. Throws an EnvironmentError for one that this program can't use.
 * `database` is how errors call it.
 */
export function pendingMigrations(
  applied: readonly AppliedMigration[],
  shipped: readonly Migration[],
  database: string,
): Migration[] {
  const checksums = new Map(applied.map(({ name, checksum }) => [name, checksum]));
  const known = new Set(shipped.map(({ name }) => name));
  const unknown = applied.find(({ name }) => !known.has(name));
  if (unknown) {
    throw new EnvironmentError(
      `${database} was made by a newer Sweepyard: it has the migration ${unknown.name}, which this version does ` +
        'not know. Update Sweepyard, or choose another place for its data.',
    );
  }
  const edited = shipped.find(({ name, checksum }) => (checksums.get(name) ?? checksum) !== checksum);
  if (edited) {
    throw new EnvironmentError(
      `${database} was made with another text of the migration ${edited.name} than this Sweepyard has: one of the ` +
        'two was changed afterwards. Install the Sweepyard that made it, or choose another place for its data.',
    );
  }
  return shipped.filter(({ name }) => !checksums.has(name));
}

/** The error of a reader, who must not change the schema. `applied` is undefined for an empty database. */
export function unfitForReading(applied: unknown, database: string): EnvironmentError {
  if (!applied) return new EnvironmentError(`${database} is empty: no sweep has run there yet.`);
  return new EnvironmentError(
    `${database} has the schema of an older Sweepyard, and is opened for reading only: ` +
      'run `coordinator start` on it once, which brings it up to date.',
  );
}

/** A connection inside a transaction, alone: no other process migrates this database meanwhile. */
export interface MigrationSession {
  /** Runs statements separated by `;`. */
  exec(script: string): Promise<void>;
  /** What `_prisma_migrations` has. */
  applied(): Promise<AppliedMigration[]>;
}

/** Applies what is pending, and notes it the way `prisma migrate` does. Returns the names. */
export async function applyMigrations(
  session: MigrationSession,
  shipped: readonly Migration[],
  database: string,
): Promise<string[]> {
  const pending = pendingMigrations(await session.applied(), shipped, database);
  for (const { name, checksum, sql } of pending) {
    await session.exec(sql);
    await session.exec(
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       VALUES ('${randomUUID()}', '${checksum}', CURRENT_TIMESTAMP, '${name}', CURRENT_TIMESTAMP, 1)`,
    );
  }
  return pending.map(({ name }) => name);
}
