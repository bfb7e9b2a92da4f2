import { EnvironmentError, UserFacingError } from '../../support/errors.js';
import { DatabaseAwayError } from '../database-away-error.js';
import { errorChain } from '../error-chain.js';

/** What an error means by SQLSTATE, Node's code of a connection, Prisma's word for either, or the driver's text. */
const explanations: Readonly<Record<string, string>> = {
  '25006': 'is read-only: name the primary server in --database',
  '28000': 'does not let you in: look at the user and password of --database',
  '28P01': 'does not let you in: look at the user and password of --database',
  '3D000': 'does not exist: make it with `createdb`, or name another one in --database',
  '42501': 'forbids what Sweepyard has to do: give its user the right to make tables there',
  '53100': 'cannot grow, the disk is full: make room, then run the same command again',
  ENOTFOUND: 'cannot be found: look at the host of --database',
};

/** The same for what may be over in a moment. */
const absences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'does not answer: start its server, or look at the host and port of --database',
  ECONNRESET: 'broke the connection: look at its server, then run the same command again',
  EAI_AGAIN: 'cannot be found: look at the host of --database, and at your network',
  ETIMEDOUT: 'does not answer: look at the host and port of --database, and at your network',
  DatabaseNotReachable: 'does not answer: start its server, or look at the host and port of --database',
  ConnectionClosed: 'broke the connection: look at its server, then run the same command again',
  EPIPE: 'broke the connection: look at its server, then run the same command again',
  // The driver has no code for these.
  'Connection terminated unexpectedly':
    'broke the connection: look at its server, then run the same command again',
  'Connection terminated': 'broke the connection: look at its server, then run the same command again',
  'Client has encountered a connection error and is not queryable':
    'broke the connection: look at its server, then run the same command again',
  'Connection terminated due to connection timeout':
    'does not answer: look at the host and port of --database, and at your network',
  'timeout expired': 'does not answer: look at the host and port of --database, and at your network',
  '53300': 'has no connection left: end some, or allow more (max_connections)',
  '57P01': 'was shut down: start its server, then run the same command again',
  '57P02': 'crashed: look at its server, then run the same command again',
  '57P03': 'is starting up: run the same command again in a moment',
};

/** An EnvironmentError that names the database and what to do, where that is known; else the error itself. */
export function explainPostgresqlError(error: unknown, database: string): unknown {
  if (error instanceof UserFacingError) return error;
  for (const { originalCode, code, kind, message } of errorChain(error)) {
    for (const key of [originalCode, code, kind, message]) {
      if (typeof key !== 'string') continue;
      const absence = absences[key];
      if (absence) return new DatabaseAwayError(`the database ${database} ${absence}`, { cause: error });
      const explanation = explanations[key];
      if (explanation)
        return new EnvironmentError(`the database ${database} ${explanation}`, { cause: error });
    }
  }
  return error;
}
