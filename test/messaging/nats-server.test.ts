import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectToNats } from '../../src/messaging/connection.js';
import { decodeJoinString } from '../../src/messaging/join-string.js';
import { isAlive } from '../../src/messaging/server/processes.js';
import {
  findRunningServer,
  startNatsServer,
  type NatsServer,
  type StartOptions,
} from '../../src/messaging/server/nats-server.js';
import { EnvironmentError } from '../../src/support/errors.js';
import { natsProgram, temporaryDirectory } from '../support/nats.js';

const program = natsProgram ?? { path: 'none', version: '0' };

async function folder(): Promise<string> {
  const directory = await temporaryDirectory();
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function start(options: Omit<StartOptions, 'program'>): Promise<NatsServer> {
  const server = await startNatsServer({ program, ...options });
  onTestFinished(() => server.release());
  return server;
}

/** A program that listens on a port of its own. */
async function occupyPort(port = 0): Promise<number> {
  const listener = createServer();
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    listener.close();
  });
  return (listener.address() as AddressInfo).port;
}

interface Holder {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly found: boolean;
  readonly joinString: string;
  release(): Promise<void>;
}

/** Another coordinator, in a process of its own. */
async function holdElsewhere(directory: string): Promise<Holder> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'test/messaging/fixtures/hold-server.ts', directory, program.path],
    { stdio: ['pipe', 'pipe', 'inherit'], detached: true },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const answer = JSON.parse(line) as { pid: number; found: boolean; joinString: string };
  return {
    process: child,
    ...answer,
    release: async () => {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function killed(process: ChildProcess): Promise<void> {
  const exit = once(process, 'exit');
  process.kill('SIGKILL');
  await exit;
}

describe.skipIf(!natsProgram)('nats-server', () => {
  it('nats-server - starts on a free port with credentials of its own, and ends with its last user', async () => {
    const directory = await folder();
    const server = await start({ directory });
    expect(server.found).toBe(false);
    expect((await stat(join(directory, 'nats', 'server.json'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(directory, 'nats', 'nats-server.conf'))).mode & 0o777).toBe(0o600);
    expect(await findRunningServer(directory)).toEqual(server.coordinatorAddress);

    const stranger = { ...server.coordinatorAddress, password: 'guess' };
    await expect(connectToNats({ address: stranger, name: 'x', role: 'coordinator' })).rejects.toThrow(
      new EnvironmentError(
        `the nats-server at 127.0.0.1:${stranger.port} does not accept this user and password`,
      ),
    );
    await server.release();
    expect(isAlive(server.pid)).toBe(false);
    expect(await findRunningServer(directory)).toBeUndefined();
    await expect(
      connectToNats({ address: server.coordinatorAddress, name: 'x', role: 'coordinator' }),
    ).rejects.toThrow(
      new EnvironmentError(`no nats-server answers at 127.0.0.1:${stranger.port}: the connection is refused`),
    );
  });

  it('nats-server - the next one has the same port and credentials, so that join strings stay good', async () => {
    const directory = await folder();
    const first = await start({ directory });
    await first.release();
    const second = await start({ directory });
    expect(second.found).toBe(false);
    expect(await second.joinStringFor('default')).toBe(await first.joinStringFor('default'));
  });

  it('nats-server - survives a coordinator that is killed, and the next one finds it', async () => {
    const directory = await folder();
    const holder = await holdElsewhere(directory);
    await killed(holder.process);
    expect(isAlive(holder.pid)).toBe(true);

    const next = await start({ directory });
    expect(next).toMatchObject({ found: true, pid: holder.pid });
    expect(await next.joinStringFor('default')).toBe(holder.joinString);
    await next.release();
    expect(isAlive(holder.pid)).toBe(false);
  });

  it('nats-server - two coordinators share one, and the last one ends it', async () => {
    const directory = await folder();
    const [holder, server] = await Promise.all([holdElsewhere(directory), start({ directory })]);
    expect(holder.pid).toBe(server.pid);
    expect([holder.found, server.found].sort()).toEqual([false, true]);
    await server.release();
    expect(isAlive(holder.pid)).toBe(true);
    await holder.release();
    expect(isAlive(holder.pid)).toBe(false);
  });

  it('nats-server - lives on when Ctrl-C reaches the process group of its coordinator', async () => {
    const directory = await folder();
    const holder = await holdElsewhere(directory);
    process.kill(-(holder.process.pid ?? 0), 'SIGINT');
    const connection = await connectToNats({
      address: decodeJoinString(holder.joinString),
      name: 'x',
      role: 'worker',
    });
    await connection.nats.flush();
    await connection.close();
    await holder.release();
    expect(isAlive(holder.pid)).toBe(false);
  });

  it('nats-server - is started again when it dies, and connections come back', async () => {
    const said: string[] = [];
    const server = await start({ directory: await folder(), say: (line) => said.push(line) });
    const connection = await connectToNats({
      address: server.coordinatorAddress,
      name: 'x',
      role: 'coordinator',
    });
    const back = new Promise<void>((resolve) => connection.onReconnect(resolve));
    const { pid } = server;
    process.kill(pid, 'SIGKILL');
    await back;
    expect(server.pid).not.toBe(pid);
    expect(said).toEqual([`nats-server (process ${pid}) died; starting it again`]);
    await connection.close();
  });

  it('nats-server - a port that was asked for and is taken is an error; one it had before is replaced', async () => {
    const directory = await folder();
    const port = await occupyPort();
    await expect(start({ directory, port })).rejects.toThrow(
      new EnvironmentError(
        `port ${port} of 127.0.0.1 is taken by another program: nats-server can't listen there`,
      ),
    );

    const first = await start({ directory });
    await first.release();
    const before = first.coordinatorAddress.port;
    await occupyPort(before);
    const said: string[] = [];
    const second = await start({ directory, say: (line) => said.push(line) });
    expect(second.coordinatorAddress.port).not.toBe(before);
    expect(said).toEqual([
      `port ${before} of 127.0.0.1 is taken by another program: ` +
        'nats-server gets another one, and workers elsewhere need the new join string',
    ]);
  });

  it('nats-server - one that runs is not moved to another port', async () => {
    const directory = await folder();
    const server = await start({ directory });
    const { port } = server.coordinatorAddress;
    await expect(start({ directory, host: '0.0.0.0' })).rejects.toThrow(
      `(process ${server.pid}) listens at 127.0.0.1:${port} already; end its coordinator to have it listen elsewhere`,
    );
  });

  it('nats-server - listening everywhere, the join string names an address that others can reach', async () => {
    const server = await start({ directory: await folder(), host: '0.0.0.0' });
    expect(server.coordinatorAddress.host).toBe('127.0.0.1');
    expect(decodeJoinString(await server.joinStringFor('default')).host).not.toMatch(
      /^(0\.0\.0\.0|127\..*)$/,
    );
  });

  it('nats-server - a place it can not write to is named', async () => {
    const directory = await folder();
    await writeFile(join(directory, 'nats'), 'a file where a folder should be');
    const problem = await start({ directory }).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(problem).toContain(
      `nats-server needs to write to ${join(directory, 'nats')}, which is not possible:`,
    );
    expect(problem).toMatch(/--dir chooses another place$/);
  });

  it('nats-server - one that dies at its start shows its last words', async () => {
    const directory = await folder();
    const path = join(directory, 'nats-server');
    await writeFile(
      path,
      '#!/bin/sh\necho "[FTL] Could not initialize JetStream: disk quota exceeded"\nexit 3\n',
    );
    await chmod(path, 0o755);
    await expect(start({ directory, program: { path, version: '2.9.10' } } as StartOptions)).rejects.toThrow(
      new EnvironmentError(
        `${path} did not start: ended with code 3\n[FTL] Could not initialize JetStream: disk quota exceeded`,
      ),
    );
    // Nothing of the failed start is in the way of the next one.
    await start({ directory });
  });

  it('nats-server - a record that is half a file is written anew', async () => {
    const directory = await folder();
    await mkdir(join(directory, 'nats'));
    await writeFile(join(directory, 'nats', 'server.json'), '{"pid": 12');
    const server = await start({ directory });
    const record = JSON.parse(await readFile(join(directory, 'nats', 'server.json'), 'utf8')) as unknown;
    expect(record).toMatchObject({ pid: server.pid });
  });
});
