import { spawn } from 'node:child_process';
import { open, readFile, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EnvironmentError, messageOf } from '../../support/errors.js';
import type { NatsServerProgram } from './find-nats-server.js';
import { endsWithin, isAlive } from './processes.js';
import type { ServerFiles } from './server-record.js';

/** Recovering a large store takes nats-server some seconds. */
const startPatience = 30_000;
const largestLog = 5 * 1024 * 1024;

export interface StartedProcess {
  readonly pid: number;
  readonly port: number;
}

/**
 * Starts nats-server with the configuration in `files.config` and waits until it accepts connections. It is the leader
 * of a process group of its own: Ctrl-C in the terminal ends the coordinator, which then ends the server.
 * @throws PortInUseError, EnvironmentError with the server's last words
 */
export async function spawnServer(program: NatsServerProgram, files: ServerFiles): Promise<StartedProcess> {
  if (((await stat(files.log).catch(() => undefined))?.size ?? 0) > largestLog) await truncate(files.log);
  const log = await open(files.log, 'a', 0o600);
  try {
    const begin = (await log.stat()).size;
    const child = spawn(program.path, ['-c', files.config], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    let problem: string | undefined;
    child.once('error', (error) => (problem = messageOf(error)));
    child.once('exit', (code, signal) => (problem ??= `ended with ${signal ?? `code ${code}`}`));
    child.unref();
    const deadline = performance.now() + startPatience;
    while (problem === undefined && performance.now() < deadline) {
      const port = child.pid === undefined ? undefined : await portOf(files, child.pid);
      if (child.pid !== undefined && port !== undefined) return { pid: child.pid, port };
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    if (problem === undefined && child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
    throw startError(
      program,
      problem ?? `not ready within ${startPatience / 1000} s`,
      await lastLines(files, begin),
    );
  } finally {
    await log.close();
  }
}

/** Another program listens where nats-server should. */
export class PortInUseError extends EnvironmentError {}

function startError(program: NatsServerProgram, problem: string, lastWords: string): EnvironmentError {
  const text = `${program.path} did not start: ${problem}${lastWords === '' ? '' : `\n${lastWords}`}`;
  return /address already in use/i.test(lastWords) ? new PortInUseError(text) : new EnvironmentError(text);
}

/** nats-server writes where it listens when it does: the file is the sign that it is ready. */
async function portOf(files: ServerFiles, pid: number): Promise<number | undefined> {
  const schema = z.object({ nats: z.array(z.string()).min(1) });
  try {
    const path = join(files.directory, `nats-server_${pid}.ports`);
    const { nats } = schema.parse(JSON.parse(await readFile(path, 'utf8')));
    const port = Number(new URL(nats[0] ?? '').port);
    return port > 0 ? port : undefined;
  } catch {
    return undefined;
  }
}

async function lastLines(files: ServerFiles, begin: number): Promise<string> {
  const text = (await readFile(files.log)).subarray(begin).toString();
  return text.trim().split('\n').slice(-5).join('\n');
}

/** Ends it as gracefully as it lets us. */
export async function endServer(files: ServerFiles, pid: number): Promise<void> {
  if (isAlive(pid)) process.kill(pid, 'SIGTERM');
  if (!(await endsWithin(pid, 10_000))) {
    process.kill(pid, 'SIGKILL');
    await endsWithin(pid, 5000);
  }
  await removePortsFiles(files);
}

/** A server that is killed leaves its ports file behind. */
export async function removePortsFiles(files: ServerFiles): Promise<void> {
  for (const name of await readdir(files.directory)) {
    if (/^nats-server_\d+\.ports$/.test(name)) await rm(join(files.directory, name), { force: true });
  }
}
