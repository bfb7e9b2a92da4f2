import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import type { StorePlace } from '../contract/harness.js';

/** A PostgreSQL server of a test's own: free port, own folder, gone afterwards. */
export interface PostgresqlServer {
  /** A new, empty database. */
  place(): Promise<StorePlace>;
  /** Runs one statement in `database`. */
  query(database: string, sql: string): Promise<void>;
  readonly port: number;
  /** Of the server's first process, which has a process group of its own. */
  readonly pid: number;
  /** Starts it again after it was killed. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The folder of its programs, and how to run them: they refuse to be root. */
interface Programs {
  readonly folder: string;
  readonly prefix: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Why there can be no server here, or its programs. */
export function findPostgresql(): Programs | string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...debianFolders()];
  const folder = folders.find((path) => ['initdb', 'postgres'].every((name) => existsSync(join(path, name))));
  if (!folder) return 'initdb and postgres are not installed';
  if (process.getuid?.() !== 0) return { folder, prefix: [] };
  for (const name of ['postgres', 'nobody']) {
    const ids = ['-u', '-g'].map((flag) =>
      Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout || NaN),
    );
    const [uid = NaN, gid = NaN] = ids;
    if (Number.isNaN(uid) || Number.isNaN(gid)) continue;
    const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'];
    const { status } = spawnSync('setpriv', [...prefix.slice(1), join(folder, 'postgres'), '--version']);
    if (status === 0) return { folder, prefix, user: { uid, gid } };
  }
  return 'it refuses to run as root, and setpriv gave it no other user';
}

export async function startPostgresql({ folder, prefix, user }: Programs): Promise<PostgresqlServer> {
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard-pg-'));
  if (user) chownSync(directory, user.uid, user.gid);
  const run = (program: string, args: readonly string[]): { command: string; args: string[] } => {
    const [command, ...rest] = [...prefix, join(folder, program), ...args];
    return { command: command as string, args: rest };
  };
  const init = run('initdb', [
    '-D',
    join(directory, 'data'),
    '-U',
    'sweepyard',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-sync',
  ]);
  const made = spawnSync(init.command, init.args, { encoding: 'utf8', cwd: directory });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);

  const port = await freePort();
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${directory}`,
    'fsync=off',
  ];
  const start = run('postgres', [
    '-D',
    join(directory, 'data'),
    ...settings.flatMap((setting) => ['-c', setting]),
  ]);
  let server = await launch(start.command, start.args, directory);

  const query = async (database: string, sql: string): Promise<void> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'sweepyard', database });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  return {
    port,
    get pid() {
      return server.pid ?? 0;
    },
    restart: async () => {
      server = await launch(start.command, start.args, directory);
    },
    query,
    place: async () => {
      const database = `test_${randomUUID().replaceAll('-', '')}`;
      await query('postgres', `CREATE DATABASE ${database}`);
      const url = `postgresql://sweepyard:secret@127.0.0.1:${port}/${database}`;
      return {
        options: { directory, database: url },
        remove: () => query('postgres', `DROP DATABASE ${database} WITH (FORCE)`),
      };
    },
    stop: async () => {
      if (server.exitCode === null && server.signalCode === null) {
        const exit = once(server, 'exit');
        server.kill('SIGINT');
        await exit;
      }
      await rm(directory, { recursive: true });
    },
  };
}

/** Resolves when it takes connections. */
async function launch(command: string, args: readonly string[], directory: string): Promise<ChildProcess> {
  const server = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: directory,
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    const log: string[] = [];
    createInterface({ input: server.stderr }).on('line', (line) => {
      log.push(line);
      if (line.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`postgres ended:\n${log.join('\n')}`)));
  });
  return server;
}

function debianFolders(): string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, 'bin'));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
