import { AwayError } from '../support/errors.js';

/** The database does not answer, or broke the connection. */
export class DatabaseAwayError extends AwayError {}
