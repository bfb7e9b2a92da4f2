import { EnvironmentError } from '../support/errors.js';

/** The database does not answer, or broke the connection: it may be back in a moment. */
export class DatabaseAwayError extends EnvironmentError {}
