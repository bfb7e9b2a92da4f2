import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { messageOf } from '../../../support/errors.js';
import { TrialError } from '../trainable.js';
import { findProgram } from './find-program.js';

export type TiedProcess = ChildProcessByStdio<Writable, Readable, Readable>;

let tie: readonly string[] | undefined;

/**
 * Starts a program without a shell, as leader of its own process group (so that it can be ended with all it started,
 * and Ctrl-C in the worker's terminal does not reach it). Where util-linux is there (`setpriv`), the kernel kills it
 * when the thread that started it ends, even by kill -9 of the worker; elsewhere it can only notice that its standard
 * input closes.
 * @throws SetupError where the program is not to be found
 * @throws TrialError where the system takes no such arguments or environment: too long, or with null bytes in them
 */
export function spawnTied(command: readonly string[], env: NodeJS.ProcessEnv): TiedProcess {
  const [program = '', ...args] = command;
  const file = findProgram(program);
  tie ??= findTie();
  const [first = file, ...rest] = [...tie, file, ...args];
  try {
    return spawn(first, rest, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (error) {
    throw refused(error, program, args, env);
  }
}

/** What no other attempt would do better with, in words. */
function refused(error: unknown, program: string, args: readonly string[], env: NodeJS.ProcessEnv): Error {
  if (!(error instanceof Error)) return new Error(messageOf(error));
  const { code } = error as NodeJS.ErrnoException;
  const start = `the program ${program} can't be started`;
  if (code === 'ERR_INVALID_ARG_VALUE') return new TrialError(`${start}: ${error.message}`);
  if (code !== 'E2BIG') return error;
  const bytes = (texts: readonly string[]): number => Buffer.byteLength(texts.join(' '));
  const parameters = bytes([env['SWEEPYARD_PARAMETERS'] ?? '']);
  return new TrialError(
    `${start}: what it is given is too long for this system (E2BIG); its arguments have ${bytes(args)} bytes, ` +
      `SWEEPYARD_PARAMETERS has ${parameters} bytes`,
  );
}

/** The words before a command that tie it to its parent's life; none where there is no such tool. */
function findTie(): readonly string[] {
  const words = ['setpriv', '--pdeathsig', 'KILL', '--'];
  const [tool = '', ...args] = words;
  const probe = spawnSync(tool, [...args, process.execPath, '--version'], { stdio: 'ignore' });
  return process.platform === 'linux' && probe.status === 0 ? words : [];
}

/** Sends a signal to a process group; nothing happens where it is gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
