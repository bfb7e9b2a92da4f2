import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { FailureClass, type Failure } from '../../sweep/trial.js';
import { messageOf, UserFacingError } from '../../support/errors.js';

const stackLines = 6;
/** Where Sweepyard's own code is: no part of a stack that a user wants to see. */
const ownCode = ['src', 'dist'].map((folder) =>
  fileURLToPath(new URL(`../../../${folder}/`, import.meta.url)),
);
const maxMessage = 16_000;

/**
 * What an error that ended a trial says about what to do next. Errors are known by name and not by class: a module of
 * the user's may bring its own copy of ours.
 */
export function failureOf(error: unknown): Failure {
  if (error instanceof z.ZodError) return failure(FailureClass.Trial, z.prettifyError(error));
  const name = error instanceof Error ? error.name : '';
  const message = messageOf(error);
  if (name === 'TrialError') return failure(FailureClass.Trial, message);
  if (name === 'SetupError') return failure(FailureClass.Setup, message);
  if (name === 'OutOfMemoryError' || isOutOfMemory(error)) return failure(FailureClass.Memory, message);
  if (isModuleAbort(error)) return failure(FailureClass.Memory, `WebAssembly ran out of memory: ${message}`);
  if (error instanceof UserFacingError) return failure(FailureClass.Crash, message);
  return failure(FailureClass.Crash, describe(error));
}

export function failure(failureClass: FailureClass, message: string): Failure {
  return {
    class: failureClass,
    message: message.length > maxMessage ? `${message.slice(0, maxMessage)} ...` : message,
  };
}

/**
 * C++ compiled to WebAssembly gave up, which it does where it can't get memory. Nothing that its module does afterwards
 * can be trusted.
 */
export function isModuleAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'RuntimeError' && error.message.startsWith('Aborted(');
}

/** Array buffers and WebAssembly memories that can't be had are RangeErrors; a full heap ends the thread. */
function isOutOfMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') return true;
  return (
    error instanceof RangeError && /allocation failed|out of memory|could not allocate/i.test(error.message)
  );
}

/** Name, message and where in the user's own files it was thrown. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${messageOf(error)}`;
  const first = `${error.name}: ${error.message}`;
  const frames = (error.stack ?? '')
    .split('\n')
    .filter(
      (line) =>
        /^\s+at /.test(line) &&
        !/node:|node_modules/.test(line) &&
        !ownCode.some((folder) => line.includes(folder)),
    )
    .slice(0, stackLines);
  const cause = error.cause === undefined ? [] : [`caused by ${messageOf(error.cause)}`];
  return [first, ...frames, ...cause].join('\n');
}
