import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { EnvironmentError } from '../../support/errors.js';

const run = promisify(execFile);

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether process `pid` lives and was started with `argument`: numbers of dead processes are used again. */
export async function isRunningWith(pid: number, argument: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  return (await commandLine(pid)).includes(argument);
}

async function commandLine(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // No /proc: macOS.
    return await run('ps', ['-p', String(pid), '-o', 'command=']).then(
      ({ stdout }) => stdout,
      () => '',
    );
  }
}

/** Whether the process ended within that time. */
export async function endsWithin(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isAlive(pid)) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

const lockPatience = 30_000;

/**
 * Runs `action` while no other process does so under the same lock file. The lock of a process that died is taken
 * over. Held for a second at most, so two who find the same dead lock in the same instant are not provided for.
 */
export async function underLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + lockPatience;
  while (!(await takeLock(path))) {
    if (performance.now() > deadline) {
      throw new EnvironmentError(`${path} has been held for ${lockPatience / 1000} s by another coordinator`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(path, 'utf8').catch(() => '0'));
  // Empty: it is being written in this instant.
  if (holder > 0 && !isAlive(holder)) await rm(path, { force: true });
  return false;
}
