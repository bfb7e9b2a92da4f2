import { EnvironmentError, UserFacingError } from '../../support/errors.js';
import { errorChain } from '../error-chain.js';

/** What a database error means for the user, by SQLite's primary result code. */
const explanations: Readonly<Record<number, string>> = {
  3: 'may not be used: you lack the permission',
  5: 'stayed locked by another process: end it, or wait until it has written what it has to',
  6: 'stayed locked by another process: end it, or wait until it has written what it has to',
  8: 'cannot be written: make the file and its folder writable, or choose another folder with --dir',
  10: 'could not be read or written, the disk reports an error: look at the disk, or choose another folder with --dir',
  11: 'is damaged: put a copy in its place, or move it away and start anew',
  13: 'cannot grow, the disk is full: make room, then run the same command again',
  14: 'cannot be opened: make the file and its folder readable and writable, or choose another folder with --dir',
  26: 'is not a Sweepyard database: move it away, or choose another folder with --dir',
};

/**
 * An EnvironmentError that names the file and what to do, for errors that are about the file; else the error itself.
 * Takes errors of libsql and of Prisma.
 */
export function explainSqliteError(error: unknown, path: string): unknown {
  if (error instanceof UserFacingError) return error;
  const code = sqliteCode(error);
  // The low byte is the primary code, e.g. SQLITE_IOERR of SQLITE_IOERR_WRITE.
  const explanation = code === undefined ? undefined : explanations[code & 0xff];
  return explanation ? new EnvironmentError(`the database ${path} ${explanation}`, { cause: error }) : error;
}

function sqliteCode(error: unknown): number | undefined {
  for (const { rawCode, originalCode, message } of errorChain(error)) {
    if (typeof rawCode === 'number') return rawCode;
    if (typeof originalCode === 'string' && /^\d+$/.test(originalCode)) return Number(originalCode);
    // libsql tells why it can't open a file in no other way.
    const failed = /^ConnectionFailed\(.*: (\d+)"\)$/.exec(String(message));
    if (failed) return Number(failed[1]);
  }
  return undefined;
}
