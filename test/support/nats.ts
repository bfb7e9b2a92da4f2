import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { NatsAddress } from '../../src/messaging/join-string.js';
import { everyPool } from '../../src/messaging/server/credentials.js';
import { decodeJoinString } from '../../src/messaging/join-string.js';
import { findNatsServer, searchPath } from '../../src/messaging/server/find-nats-server.js';
import { startNatsServer, type NatsServer } from '../../src/messaging/server/nats-server.js';

/** The nats-server that tests start; where none is installed the tests that need one are skipped. */
export const natsProgram = await findNatsServer(searchPath());

export interface TestNats {
  readonly server: NatsServer;
  /** Its data directory. */
  readonly directory: string;
  readonly coordinator: NatsAddress;
  readonly worker: NatsAddress;
  /** Kills it (-9); it comes back by itself within about half a second, with the same port and files. */
  kill(): void;
  /** Only needed outside of a test, e.g. in `afterAll`. */
  stop(): Promise<void>;
}

/** A nats-server on a free port with a folder of its own. Within a test it ends with the test. */
export async function startTestNats(options: { untilTestEnds: boolean }): Promise<TestNats> {
  if (!natsProgram) throw new Error('no nats-server is installed: skip this test (natsProgram)');
  const directory = await temporaryDirectory();
  const server = await startNatsServer({ directory, program: natsProgram });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopped ??= server.release().then(() => rm(directory, { recursive: true, force: true })));
  if (options.untilTestEnds) onTestFinished(stop);
  return {
    server,
    directory,
    coordinator: server.coordinatorAddress,
    worker: decodeJoinString(await server.joinStringFor(everyPool)),
    kill: () => process.kill(server.pid, 'SIGKILL'),
    stop,
  };
}

export async function temporaryDirectory(): Promise<string> {
  return await mkdtemp(join(tmpdir(), 'sweepyard-test-'));
}
