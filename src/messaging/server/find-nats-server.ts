import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { EnvironmentError, messageOf } from '../../support/errors.js';
import { isRecentEnough } from '../connection.js';

const run = promisify(execFile);

export interface NatsServerProgram {
  readonly path: string;
  /** E.g. `2.9.10`. */
  readonly version: string;
}

/** Where packages put daemons, though a user's PATH may leave these out. */
const daemonDirectories = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/opt/homebrew/bin'];
const programName = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** The directories to look in: PATH, then where packages put daemons. */
export function searchPath(environment: NodeJS.ProcessEnv = process.env): string[] {
  const path = (environment['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  return [...new Set([...path, ...daemonDirectories])];
}

/** The first usable nats-server of these directories. */
export async function findNatsServer(directories: readonly string[]): Promise<NatsServerProgram | undefined> {
  for (const directory of directories) {
    const path = join(directory, programName);
    if (!(await isThere(path))) continue;
    try {
      return await checkProgram(path);
    } catch {
      // Too old, or of another machine: a later directory may have a better one.
    }
  }
  return undefined;
}

/** @throws EnvironmentError when it can't be run or is too old. */
export async function checkProgram(path: string): Promise<NatsServerProgram> {
  let output: string;
  try {
    output = (await run(path, ['--version'], { timeout: 10_000 })).stdout;
  } catch (error) {
    throw new EnvironmentError(`${path} can't be run as nats-server: ${messageOf(error)}`, { cause: error });
  }
  const version = /v(\d+\.\d+\.\d+\S*)/.exec(output)?.[1];
  if (version === undefined) {
    throw new EnvironmentError(
      `${path} is no nats-server: "${path} --version" says ${JSON.stringify(output.slice(0, 80).trim())}`,
    );
  }
  if (!isRecentEnough(version)) {
    throw new EnvironmentError(`${path} is nats-server ${version}; Sweepyard needs 2.9 or later`);
  }
  return { path, version };
}

async function isThere(path: string): Promise<boolean> {
  return await access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
