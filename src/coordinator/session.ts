import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createDashboard, PortInUseError, type Dashboard } from '../dashboard/server/dashboard.js';
import type { CoordinatorBus, Lease } from '../messaging/bus.js';
import {
  decodeNatsUrl,
  describeAddress,
  encodeJoinString,
  type NatsAddress,
} from '../messaging/join-string.js';
import { connectCoordinatorBus } from '../messaging/nats-coordinator-bus.js';
import { startNatsServer, type NatsServer } from '../messaging/server/nats-server.js';
import { obtainNatsServer } from '../messaging/server/obtain-nats-server.js';
import type { SweepRecord, SweepStore } from '../store/sweep-store.js';
import { EnvironmentError, ExitCode, messageOf, UsageError, UserFacingError } from '../support/errors.js';
import type { SweepControl } from '../dashboard/server/control.js';
import { describeHolder, holderName, isGone } from './holder.js';
import type { HostOptions, NatsChoice } from './host-options.js';

export interface NatsOptions extends NatsChoice {
  /** The data directory. */
  readonly directory: string;
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
}

/** A nats-server to work with, and our connection to it. */
export interface Nats {
  readonly bus: CoordinatorBus;
  /** What workers of a pool, on this machine, join with. It may be ours: not to be shown. */
  joinStringFor(pool: string): Promise<string>;
  /** For a user to read: how workers of a pool join. */
  invitationFor(pool: string): Promise<string>;
  /** One line about where it is. */
  readonly description: string;
  close(): Promise<void>;
}

/** The server that was named, or our own one of the data directory, started if it does not run. */
export async function openNats(options: NatsOptions): Promise<Nats> {
  const { nats: url, workerNats: workerUrl, natsReplicas: replicas, say, warn } = options;
  if (url === undefined && (workerUrl !== undefined || replicas !== undefined))
    throw new UsageError(
      '--worker-nats and --nats-replicas go with --nats: they are about a server of yours',
    );
  if (url !== undefined) {
    const address = decodeNatsUrl(url);
    const forWorkers = workerUrl === undefined ? undefined : decodeNatsUrl(workerUrl);
    const bus = await connect(address, warn, replicas);
    return {
      bus,
      joinStringFor: () => Promise.resolve(encodeJoinString(forWorkers ?? address)),
      // Who runs a server hands out its credentials; those of the coordinator are for no worker.
      invitationFor: () =>
        Promise.resolve(
          forWorkers
            ? inviteWith(encodeJoinString(forWorkers))
            : `worker start --join sweepyard://USER:PASSWORD@${describeAddress(address)}, with the credentials that this nats-server has for workers`,
        ),
      description: `nats-server at ${describeAddress(address)}`,
      close: () => bus.close(),
    };
  }
  const { natsServer: explicit, listen: host, directory } = options;
  const program = await obtainNatsServer({ say, ...(explicit === undefined ? {} : { explicit }) });
  const server = await startNatsServer({
    directory,
    program,
    say: warn,
    ...(host === undefined ? {} : { host }),
  });
  try {
    const bus = await connect(server.coordinatorAddress, warn);
    return {
      bus,
      joinStringFor: (pool) => server.joinStringFor(pool),
      invitationFor: async (pool) => inviteWith(await server.joinStringFor(pool)),
      description: describeServer(server, program.version),
      close: async () => {
        await bus.close();
        await server.release();
      },
    };
  } catch (error) {
    await server.release();
    throw error;
  }
}

async function connect(
  address: NatsAddress,
  warn: (line: string) => void,
  replicas?: number,
): Promise<CoordinatorBus> {
  const name = `coordinator ${holderName()}`;
  const some = replicas === undefined ? {} : { replicas };
  return await connectCoordinatorBus({ address, name, log: warn, ...some });
}

function inviteWith(joinString: string): string {
  return `worker start --join ${joinString}`;
}

function describeServer(server: NatsServer, version: string): string {
  const where = describeAddress(server.coordinatorAddress);
  return `nats-server ${version} at ${where}${server.found ? ', which ran already' : ''}`;
}

/** @throws UserFacingError with exit code 4, naming who holds it */
export async function takeLease(bus: CoordinatorBus, sweep: SweepRecord): Promise<Lease> {
  const lease = await bus.acquireLease(sweep.id, holderName(), isGone);
  if (lease) return lease;
  throw await alreadyRunning(bus, sweep);
}

export async function alreadyRunning(bus: CoordinatorBus, sweep: SweepRecord): Promise<UserFacingError> {
  const holder = await bus.leaseHolder(sweep.id).catch(() => undefined);
  const who = holder === undefined ? 'another coordinator' : `the coordinator ${describeHolder(holder)}`;
  const { name } = sweep.definition;
  return new UserFacingError(`sweep ${name} (${sweep.id}) is run by ${who}`, ExitCode.AlreadyRunning);
}

const defaultPort = 8700;
const portsTried = 100;

export interface DashboardOptions extends Pick<HostOptions, 'port' | 'listen'> {
  readonly store: SweepStore;
  readonly control?: SweepControl;
  /** Reads the trials of the newest sweep before anybody opens the page. @default false */
  readonly readAhead?: boolean;
}

/** Beyond this machine it asks for a token, which its URL holds. @throws PortInUseError where the port was asked for */
export async function openDashboard({ store, control, ...options }: DashboardOptions): Promise<Dashboard> {
  const place =
    options.listen === undefined
      ? {}
      : { host: options.listen, token: randomBytes(18).toString('base64url') };
  for (let port = options.port ?? defaultPort; ; port++) {
    try {
      const { readAhead = false } = options;
      return await createDashboard({ store, control, port, readAhead, ...place });
    } catch (error) {
      const mayTryNext = options.port === undefined && port < defaultPort + portsTried;
      if (!(error instanceof PortInUseError) || !mayTryNext) throw error;
    }
  }
}

/** Creates the data directory where it is missing. @throws EnvironmentError */
export async function createDataDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    const text = `the data directory ${directory} cannot be created: ${messageOf(error)}; --dir chooses another one`;
    throw new EnvironmentError(text, { cause: error });
  }
}
