import { PrismaPg } from '@prisma/adapter-pg';
import { UsageError } from '../../support/errors.js';
import { PrismaClient } from '../generated/postgresql/client.js';
import type { PrismaClient as SqlitePrismaClient } from '../generated/sqlite/client.js';
import { shippedMigrations } from '../migrations.js';
import type { OpenDatabase } from '../open-database.js';
import { explainPostgresqlError } from './explain-postgresql-error.js';
import { migratePostgresql } from './migrate-postgresql.js';
import { postgresqlDialect } from './postgresql-dialect.js';

/** Opens the database at `postgresql://...`. Rejects with an EnvironmentError, or a UsageError for another URL. */
export async function openPostgresql(url: string, readOnly: boolean): Promise<OpenDatabase> {
  const name = publicName(url);
  const explain = (error: unknown): unknown => explainPostgresqlError(error, name);
  const adapter = new PrismaPg(
    {
      connectionString: url,
      max: 4,
      // A coordinator that was stopped in the middle of a transaction must not hold up the one that takes over.
      idle_in_transaction_session_timeout: 15_000,
      ...(readOnly && { options: '-c default_transaction_read_only=on' }),
    },
    // The query that meets the broken connection reports it.
    { onPoolError: () => undefined, onConnectionError: () => undefined },
  );
  const prisma = new PrismaClient({ adapter });
  try {
    await migratePostgresql(url, name, shippedMigrations('postgresql'), readOnly);
    await prisma.$connect();
  } catch (error) {
    await prisma.$disconnect();
    throw explain(error);
  }
  return {
    // Both are generated from the same models, and have the same calls.
    prisma: prisma as unknown as SqlitePrismaClient,
    dialect: postgresqlDialect,
    explain,
    close: () => prisma.$disconnect(),
  };
}

/** The URL without its password, for errors. */
function publicName(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new UsageError(
      `--database wants postgresql://user:password@host:port/database, and is given ${parsed ? `${parsed.protocol}//...` : 'something that is no URL'}`,
    );
  }
  const { username, host, pathname } = parsed;
  return `postgresql://${username && `${username}@`}${host}${pathname}`;
}
