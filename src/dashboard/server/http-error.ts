import type { ErrorRequestHandler, RequestHandler } from 'express';
import { ZodError, prettifyError } from 'zod';
import { EnvironmentError, UsageError, UserFacingError } from '../../support/errors.js';
import type { ErrorBody } from '../api.js';

/** An answer with a status of 400 or above; its text is for the one who asked. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

function bodyOf(status: number, message: string): ErrorBody {
  return { error: { status, message } };
}

/** What Express and its body parser attach to errors that are the client's fault. */
function clientError(error: unknown): HttpError | undefined {
  if (error instanceof HttpError) return error;
  // Refusals whose text is for the user (`SweepControl`).
  if (error instanceof UsageError) return new HttpError(400, error.message);
  if (error instanceof EnvironmentError) return new HttpError(503, error.message);
  if (error instanceof UserFacingError) return new HttpError(409, error.message);
  if (error instanceof ZodError) return new HttpError(400, prettifyError(error));
  if (!(error instanceof Error)) return undefined;
  const status: unknown = 'status' in error ? error.status : undefined;
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined;
  return new HttpError(status, error.message);
}

/** Nothing matched: 404 as JSON. */
export const notFound: RequestHandler = (request) => {
  throw new HttpError(404, `there is nothing at ${request.method} ${request.path}`);
};

/** Every error as JSON with its status. What is not the client's fault is logged, and not told in detail. */
export function errorHandler(log: (message: string) => void): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const known = clientError(error);
    if (!known) log(`dashboard: ${request.method} ${request.path}: ${String(error)}`);
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = known?.status ?? 500;
    response
      .status(status)
      .json(bodyOf(status, known?.message ?? 'the dashboard failed to answer; its log says why'));
  };
}
