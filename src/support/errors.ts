import { inspect } from 'node:util';

/**
 * Errors are named for what to do next. Their text names the thing, the rule and the value; a command prints it
 * without a stack and ends with `exitCode`.
 */
export const ExitCode = {
  Success: 0,
  /** Something of ours or of the machine's went wrong. */
  Failure: 1,
  /** What the user gave is wrong: flags, sweep file, unknown names. */
  Usage: 2,
  /** The sweep ended without a single completed trial. */
  NothingCompleted: 3,
  /** Another coordinator already runs this sweep. */
  AlreadyRunning: 4,
  /** Ended by SIGINT (128 + 2) after a graceful end. */
  Interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** An error that is explained by its text alone: shown without a stack. */
export class UserFacingError extends Error {
  override readonly name: string = 'UserFacingError';
  constructor(
    message: string,
    readonly exitCode: ExitCode = ExitCode.Failure,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The caller gave something wrong and must change it. */
export class UsageError extends UserFacingError {
  override readonly name = 'UsageError';
  constructor(message: string, options?: ErrorOptions) {
    super(message, ExitCode.Usage, options);
  }
}

/** The machine lacks something or forbids it; the text says what to do about it. */
export class EnvironmentError extends UserFacingError {
  override readonly name = 'EnvironmentError';
  constructor(message: string, options?: ErrorOptions) {
    super(message, ExitCode.Failure, options);
  }
}

/** A server that something needs does not answer: it may be back in a moment. */
export class AwayError extends EnvironmentError {}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  // Anything can be thrown; not everything becomes a string by itself.
  return typeof error === 'string' ? error : inspect(error, { depth: 1, breakLength: Infinity });
}
