import type { Dialect } from './dialect.js';
import type { PrismaClient } from './generated/sqlite/client.js';

/** A database that is open, has the present schema, and explains its errors. */
export interface OpenDatabase {
  readonly prisma: PrismaClient;
  readonly dialect: Dialect;
  /** What went wrong in words for the user, where that is known; else the error itself. */
  explain(error: unknown): unknown;
  close(): Promise<void>;
}
