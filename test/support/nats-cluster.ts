import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { natsProgram, temporaryDirectory } from './nats.js';

export interface NatsCluster {
  /** As `--nats` takes it. */
  readonly url: string;
  /** Kills (-9) the server of that name; it stays away. */
  kill(name: string): void;
}

/** Three nats-servers on free ports, connected by routes, with JetStream. They end with the test. */
export async function startNatsCluster(): Promise<NatsCluster> {
  if (!natsProgram) throw new Error('no nats-server is installed: skip this test (natsProgram)');
  const directory = await temporaryDirectory();
  const ports = await freePorts(6);
  const [clients, routes] = [ports.slice(0, 3), ports.slice(3)];
  const servers = new Map<string, ChildProcess>();
  onTestFinished(async () => {
    for (const server of servers.values()) await killed(server);
    await rm(directory, { recursive: true, force: true });
  });
  for (const [index, port] of clients.entries()) {
    const name = `n${index}`;
    const file = join(directory, `${name}.conf`);
    await writeFile(
      file,
      `server_name: ${name}
listen: "127.0.0.1:${port}"
jetstream { store_dir: "${join(directory, name)}" }
cluster {
  name: three
  listen: "127.0.0.1:${routes[index]}"
  routes: [${routes.map((route) => `"nats://127.0.0.1:${route}"`).join(', ')}]
}
`,
    );
    servers.set(name, spawn(natsProgram.path, ['-c', file], { stdio: 'ignore' }));
  }
  return {
    url: clients.map((port) => `nats://127.0.0.1:${port}`).join(','),
    kill: (name) => servers.get(name)?.kill('SIGKILL'),
  };
}

async function killed(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGKILL');
  await exit;
}

async function freePorts(count: number): Promise<number[]> {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(listeners.map((listener) => once(listener, 'listening')));
  const ports = listeners.map((listener) => (listener.address() as AddressInfo).port);
  await Promise.all(listeners.map((listener) => once(listener.close(), 'close')));
  return ports;
}
