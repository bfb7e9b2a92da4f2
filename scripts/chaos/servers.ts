import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { decodeJoinString, type NatsAddress } from '../../src/messaging/join-string.js';
import { everyPool } from '../../src/messaging/server/credentials.js';
import { startNatsServer } from '../../src/messaging/server/nats-server.js';
import { obtainNatsServer } from '../../src/messaging/server/obtain-nats-server.js';
import { findPostgresql, startPostgresql } from '../../test/store/postgresql/postgresql-server.js';

/** A server that can be killed (it comes back) and held still. */
export interface ChaosServer {
  readonly port: number;
  kill(): Promise<void>;
  hold(): void;
  release(): void;
  stop(): Promise<void>;
}

/** nats-server as a coordinator would start it, but held by us: it comes back by itself within half a second. */
export async function startNats(
  directory: string,
): Promise<ChaosServer & { readonly coordinator: NatsAddress; readonly worker: NatsAddress }> {
  const program = await obtainNatsServer({ say: () => undefined });
  const server = await startNatsServer({ directory, program });
  const record = join(directory, 'nats/server.json');
  process.once('exit', () => signal(server.pid, 'SIGKILL'));
  const pid = async (): Promise<number> =>
    z.object({ pid: z.number() }).parse(JSON.parse(await readFile(record, 'utf8'))).pid;
  let held: number | undefined;
  return {
    port: server.coordinatorAddress.port,
    coordinator: server.coordinatorAddress,
    worker: decodeJoinString(await server.joinStringFor(everyPool)),
    kill: async () => signal(await pid(), 'SIGKILL'),
    hold: () => {
      held = server.pid;
      signal(held, 'SIGSTOP');
    },
    release: () => {
      if (held !== undefined) signal(held, 'SIGCONT');
      held = undefined;
    },
    stop: () => server.release(),
  };
}

/** A PostgreSQL server of our own with one database. @throws Error where none is installed */
export async function startDatabase(): Promise<ChaosServer & { readonly url: (port: number) => string }> {
  const programs = findPostgresql();
  if (typeof programs === 'string') throw new Error(`no PostgreSQL server can be started: ${programs}`);
  const server = await startPostgresql(programs);
  process.once('exit', () => signal(server.pid, 'SIGKILL'));
  await server.query('postgres', 'CREATE DATABASE chaos');
  return {
    port: server.port,
    url: (port) => `postgresql://sweepyard:secret@127.0.0.1:${port}/chaos`,
    kill: async () => {
      signal(server.pid, 'SIGKILL');
      for (let failures = 0; ; failures++) {
        // Until its other processes have noticed that the first one is gone.
        await new Promise((resolve) => setTimeout(resolve, 100));
        try {
          return await server.restart();
        } catch (error) {
          if (failures === 100) throw error;
        }
      }
    },
    // All of its processes: the first one alone only lets nobody in.
    hold: () => signal(-server.pid, 'SIGSTOP'),
    release: () => signal(-server.pid, 'SIGCONT'),
    stop: () => server.stop(),
  };
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended, or is just being started again.
  }
}
