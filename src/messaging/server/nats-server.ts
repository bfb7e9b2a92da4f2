import { readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError, messageOf } from '../../support/errors.js';
import { connectToNats } from '../connection.js';
import { describeAddress, encodeJoinString, type NatsAddress } from '../join-string.js';
import type { NatsServerProgram } from './find-nats-server.js';
import { HangWatch } from './hang-watch.js';
import { isAlive, isRunningWith, underLock } from './processes.js';
import { everyPool, newCertificate, pinOf, workerOf } from './credentials.js';
import { serverConfig } from './server-config.js';
import { endServer, PortInUseError, removePortsFiles, spawnServer } from './server-process.js';
import {
  makeFolders,
  newPassword,
  readRecord,
  serverFiles,
  writePrivate,
  writeRecord,
  type ServerFiles,
  type ServerRecord,
  type User,
} from './server-record.js';

export interface StartOptions {
  /** The data directory; everything of the server's is in `nats` below it. */
  readonly directory: string;
  readonly program: NatsServerProgram;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** @default the one it had before, else any that is free */
  readonly port?: number;
  /** Milliseconds of silence after which it is taken for hung, and restarted. @default 60 000 */
  readonly hangPatience?: number;
  /** One line about what is done. @default silent */
  readonly say?: (line: string) => void;
}

/**
 * The nats-server of a data directory. All coordinators of that directory share it. It outlives a coordinator that is
 * killed, so that workers lose nothing; the next one finds it again. The last one to `release` it ends it.
 */
export interface NatsServer {
  readonly coordinatorAddress: NatsAddress;
  /**
   * For `worker start --join`: credentials that are good for the assignments of this pool and of no other.
   * @param pool `everyPool` for a worker that may take them all
   */
  joinStringFor(pool: string): Promise<string>;
  readonly pid: number;
  /** It ran already: another coordinator lives, or one was killed. */
  readonly found: boolean;
  /** Ends it unless another coordinator uses it. */
  release(): Promise<void>;
}

/** How often we look whether it still lives. Milliseconds. */
const watchInterval = 250;
const usualHangPatience = 60_000;
/** Milliseconds until a changed configuration must have been taken up. */
const reloadPatience = 5_000;
/** Milliseconds that a try to connect may take. */
const [shortestProbe, longestProbe] = [250, 3_000] as const;

/** @throws EnvironmentError (PortInUseError) */
export async function startNatsServer(options: StartOptions): Promise<NatsServer> {
  const files = serverFiles(options.directory);
  await makeFolders(files);
  return await underLock(files.lock, async () => {
    const { record, found } = await ensureRunning(files, options);
    await writeFile(join(files.users, String(process.pid)), '');
    return new SharedNatsServer(files, options, record, found);
  });
}

/** The running server of a data directory, e.g. to send its coordinator a command. */
export async function findRunningServer(directory: string): Promise<NatsAddress | undefined> {
  const record = await readRecord(serverFiles(directory));
  return record && (await answers(record)) ? addressOf(record, record.coordinator) : undefined;
}

class SharedNatsServer implements NatsServer {
  #watching: NodeJS.Timeout | undefined;
  #restarting: Promise<void> | undefined;
  #failures = 0;
  readonly #hangs: HangWatch;

  constructor(
    private readonly files: ServerFiles,
    private readonly options: StartOptions,
    private record: ServerRecord,
    readonly found: boolean,
  ) {
    this.#watchAfter(watchInterval);
    const { say = () => undefined, hangPatience: patience = usualHangPatience } = options;
    this.#hangs = new HangWatch({
      address: () => this.coordinatorAddress,
      store: files.store,
      patience,
      say,
      onHung: (seconds) => this.#endHung(seconds, say),
    });
  }

  get pid(): number {
    return this.record.pid;
  }

  get coordinatorAddress(): NatsAddress {
    return addressOf(this.record, this.record.coordinator);
  }

  async joinStringFor(pool: string): Promise<string> {
    this.record = await underLock(this.files.lock, () => admit(this.files, this.record, pool));
    const address = workerAddress(this.record, pool);
    return encodeJoinString(isWildcard(this.record.host) ? { ...address, host: outsideAddress() } : address);
  }

  async release(): Promise<void> {
    this.#hangs.stop();
    clearTimeout(this.#watching);
    this.#watching = undefined;
    await this.#restarting;
    await underLock(this.files.lock, async () => {
      await rm(join(this.files.users, String(process.pid)), { force: true });
      if ((await otherUsers(this.files)) > 0) return;
      const record = (await readRecord(this.files)) ?? this.record;
      if (await isRunningWith(record.pid, this.files.config)) await endServer(this.files, record.pid);
    });
  }

  #watchAfter(delay: number): void {
    this.#watching = setTimeout(() => {
      if (isAlive(this.record.pid)) return this.#watchAfter(watchInterval);
      this.#restarting = this.#restart();
    }, delay).unref();
  }

  /** Whoever watches it starts it again. */
  async #endHung(seconds: number, say: (line: string) => void): Promise<void> {
    const { pid } = this.record;
    // Another coordinator may have seen it too.
    if (!(await isRunningWith(pid, this.files.config))) return;
    say(`nats-server (process ${pid}) lives and has not answered for ${Math.round(seconds)} s; ending it`);
    process.kill(pid, 'SIGKILL');
  }

  /** On the same port and with the same files, so that everybody's connection comes back. */
  async #restart(): Promise<void> {
    const { say = () => undefined } = this.options;
    try {
      if (this.#failures === 0) say(`nats-server (process ${this.record.pid}) died; starting it again`);
      const { record } = await underLock(this.files.lock, () =>
        ensureRunning(this.files, { ...this.options, host: this.record.host, port: this.record.port }),
      );
      this.record = record;
      this.#failures = 0;
    } catch (error) {
      if (this.#failures++ === 0) say(`nats-server does not come back, trying on: ${messageOf(error)}`);
    }
    if (this.#watching) this.#watchAfter(Math.min(10_000, watchInterval * 2 ** this.#failures));
  }
}

async function ensureRunning(
  files: ServerFiles,
  options: StartOptions,
): Promise<{ record: ServerRecord; found: boolean }> {
  const before = await readRecord(files);
  if (before && (await isRunningWith(before.pid, files.config))) {
    if (!(await answers(before))) {
      throw new EnvironmentError(
        `the nats-server of ${files.directory} (process ${before.pid}) runs but does not answer at ` +
          `${describeAddress(before)}; end it and start again`,
      );
    }
    const differs =
      (options.host !== undefined && options.host !== before.host) ||
      (options.port !== undefined && options.port !== before.port);
    if (differs) {
      throw new EnvironmentError(
        `the nats-server of ${files.directory} (process ${before.pid}) listens at ${describeAddress(before)} ` +
          'already; end its coordinator to have it listen elsewhere',
      );
    }
    return { record: before, found: true };
  }
  await removePortsFiles(files);
  return { record: await start(files, options, before), found: false };
}

async function start(
  files: ServerFiles,
  options: StartOptions,
  before: ServerRecord | undefined,
): Promise<ServerRecord> {
  const settings = {
    // Not the one before: who listened to the world once must say so each time.
    host: options.host ?? '127.0.0.1',
    coordinator: before?.coordinator ?? { user: 'coordinator', password: newPassword() },
    workerSecret: before?.workerSecret ?? newPassword(),
    pools: before?.pools ?? [],
    ...(await encryption(files, options.host, before)),
  };
  const startAt = async (port: number | 'any'): Promise<ServerRecord> => {
    await writePrivate(files.config, serverConfig(files, { ...settings, port }));
    const record = { ...settings, ...(await spawnServer(options.program, files)) };
    await writeRecord(files, record);
    return record;
  };
  try {
    return await startAt(options.port ?? before?.port ?? 'any');
  } catch (error) {
    if (!(error instanceof PortInUseError)) throw error;
    const port = options.port ?? before?.port;
    const taken = `port ${port} of ${settings.host} is taken by another program`;
    if (options.port !== undefined) throw new PortInUseError(`${taken}: nats-server can't listen there`);
    options.say?.(`${taken}: nats-server gets another one, and workers elsewhere need the new join string`);
    return await startAt('any');
  }
}

function answers(record: ServerRecord): Promise<boolean> {
  return accepts(addressOf(record, record.coordinator), 'coordinator', longestProbe);
}

async function accepts(
  address: NatsAddress,
  role: 'coordinator' | 'worker',
  timeout: number,
): Promise<boolean> {
  try {
    const connection = await connectToNats({ address, name: 'sweepyard probe', role, timeout });
    await connection.close();
    return true;
  } catch {
    return false;
  }
}

/** What comes over a network is encrypted; what stays on the machine is not. */
async function encryption(
  files: ServerFiles,
  host: string | undefined,
  before: ServerRecord | undefined,
): Promise<{ certificate?: string }> {
  if (host === undefined || isLoopback(host)) return {};
  // Join strings that were given out carry it.
  if (before?.certificate !== undefined) return { certificate: before.certificate };
  const { certificate, key } = await newCertificate();
  await writePrivate(files.key, key);
  await writePrivate(files.certificate, certificate);
  return { certificate };
}

/** Lets the workers of a pool in, while the server runs. Who calls it holds the lock. */
async function admit(files: ServerFiles, known: ServerRecord, pool: string): Promise<ServerRecord> {
  // Another coordinator may have changed it.
  const record = (await readRecord(files)) ?? known;
  if (record.pools.includes(pool)) return record;
  const next = { ...record, pools: [...record.pools, pool] };
  await writePrivate(files.config, serverConfig(files, next));
  process.kill(record.pid, 'SIGHUP');
  const until = performance.now() + reloadPatience;
  // One that connects just when the configuration is taken up is left without an answer.
  let probe: number = shortestProbe;
  while (!(await accepts(workerAddress(next, pool), 'worker', probe))) {
    probe = Math.min(2 * probe, longestProbe);
    if (performance.now() > until)
      throw new EnvironmentError(
        `nats-server (process ${record.pid}) does not take up its new configuration`,
      );
  }
  await writeRecord(files, next);
  return next;
}

function workerAddress(record: ServerRecord, pool: string): NatsAddress {
  const address = addressOf(record, workerOf(pool, record.workerSecret));
  return pool === everyPool ? address : { ...address, pool };
}

function addressOf(record: ServerRecord, { user, password }: User): NatsAddress {
  const { host, port, certificate } = record;
  return {
    host: isWildcard(host) ? '127.0.0.1' : host,
    port,
    user,
    password,
    ...(certificate === undefined ? {} : { tls: pinOf(certificate) }),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Listens on every interface of this machine. */
function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** How other machines reach this one, as far as it knows. */
function outsideAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? hostname();
}

/** Coordinators that live and use the server; what killed ones left is cleared away. */
async function otherUsers(files: ServerFiles): Promise<number> {
  let living = 0;
  for (const name of await readdir(files.users)) {
    if (isAlive(Number(name))) living++;
    else await rm(join(files.users, name), { force: true });
  }
  return living;
}
