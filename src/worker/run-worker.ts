import { constants } from 'node:os';
import { busTimings } from '../messaging/timings.js';
import { decodeJoinString, describeAddress, type NatsAddress } from '../messaging/join-string.js';
import { connectWorkerBus } from '../messaging/nats-worker-bus.js';
import { cacheDirectory } from '../support/directories.js';
import { EnvironmentError, messageOf, UsageError } from '../support/errors.js';
import { formatDuration } from '../sweep/units.js';
import { Agent } from './agent.js';
import { createLog } from './log.js';
import { describeMachine } from './machine.js';
import { PackSizes } from './packs/pack-sizes.js';
import type { Permissions } from './permissions.js';
import { chooseBackend } from './training/backends/choose-backend.js';
import type { BackendDescription } from './threads/protocol.js';
import { ThreadPool } from './threads/thread-pool.js';

export interface WorkerOptions {
  readonly join: string;
  readonly name?: string;
  /** @default the join string's, else `default` */
  readonly pool?: string;
  /** @default one a core; fewer where the backend can't have as many in a process */
  readonly slots?: number;
  /** `auto`, or the name of a training backend. */
  readonly backend: string;
  /** `auto`, or the name of recurrent kernels. */
  readonly kernels: string;
  readonly dataPath?: string;
  readonly permissions: Permissions;
  /** Milliseconds. @default 10 000 */
  readonly grace?: number;
  /** Milliseconds. */
  readonly hangAfter?: number;
  /** Milliseconds of training between two checkpoints of a trial. @default 30 000 */
  readonly checkpointEvery?: number;
  readonly verbose?: boolean;
  /** Drains when standard input closes: whoever started this process is gone. */
  readonly untilInputCloses?: boolean;
}

/**
 * Works until it is told to drain: by SIGTERM or SIGINT, by the coordinator, or by the end of its parent. A second
 * signal ends the process at once.
 * @throws UsageError, EnvironmentError
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { grace, hangAfter, permissions, kernels, dataPath, checkpointEvery } = options;
  const log = createLog(options.verbose ?? false);
  const address = decodeJoinString(options.join);
  const worksFor = poolOf(options.pool, address);
  // It holds a password, and whatever trials run inherits the environment.
  delete process.env['SWEEPYARD_JOIN'];
  const choice = await chooseBackend({ ...options, cacheDirectory: cacheDirectory() });
  const { name: backend, slots } = choice;
  const pool = new ThreadPool({
    slots,
    modules: permissions.modules !== false,
    options: {
      backend,
      kernels,
      cacheDirectory: cacheDirectory(),
      ...(dataPath === undefined ? {} : { dataPath }),
      ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
    },
  });
  try {
    await pool.ready;
    const machine = describeMachine({
      ...options,
      pool: worksFor,
      slots,
      backend: await openBackend(pool, options),
    });
    const bus = await connectWorkerBus({ address, name: machine.id, log: log.say });
    try {
      const agent = new Agent(bus, pool, {
        machine,
        permissions,
        ...(grace === undefined ? {} : { grace }),
        ...(hangAfter === undefined ? {} : { hangAfter }),
        workingInterval: busTimings().ackWait / 3,
        packSizes: await PackSizes.open(
          cacheDirectory(),
          `${machine.backend} ${machine.device} ${slots}`,
          log.detail,
        ),
        log: log.detail,
      });
      log.say(
        `${machine.id} works for pool ${machine.pool} at ${describeAddress(address)}: ` +
          `${slots} ${slots === 1 ? 'slot' : 'slots'}, backend ${machine.backend}, ${machine.device}`,
      );
      if (choice.reason !== undefined) log.say(`backend ${backend}: ${choice.reason}`);
      await work(agent, options.untilInputCloses ?? false);
      const time = formatDuration((Date.now() - machine.startedAt) / 1000);
      const assignments = agent.finished === 1 ? 'assignment' : 'assignments';
      log.say(`${machine.id} ended after ${agent.finished} ${assignments} in ${time}`);
    } finally {
      await bus.close();
    }
  } finally {
    await pool.close();
  }
}

/**
 * What trains here, once it has passed its self-test. Where `auto` finds nothing, the worker still runs modules and
 * programs, and says so.
 */
async function openBackend(
  pool: ThreadPool,
  { backend, kernels }: Pick<WorkerOptions, 'backend' | 'kernels'>,
): Promise<BackendDescription> {
  try {
    return await pool.openBackend();
  } catch (error) {
    if (backend !== 'auto' || kernels !== 'auto')
      throw new EnvironmentError(messageOf(error), { cause: error });
    return { name: 'none', device: messageOf(error) };
  }
}

/** @throws UsageError where the credentials are for another pool */
function poolOf(wanted: string | undefined, { pool }: NatsAddress): string {
  if (wanted !== undefined && pool !== undefined && wanted !== pool)
    throw new UsageError(`--pool ${wanted}: this join string lets in workers of pool ${pool} alone`);
  return wanted ?? pool ?? 'default';
}

async function work(agent: Agent, untilInputCloses: boolean): Promise<void> {
  const stopListening = drainOnRequest(agent, untilInputCloses);
  try {
    agent.start();
    await agent.stopped;
  } finally {
    stopListening();
  }
}

/** SIGHUP: the terminal was closed. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function drainOnRequest(agent: Agent, untilInputCloses: boolean): () => void {
  let asked = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    // Whoever asks twice wants it now. Programs of trials end with us (tied-process.ts).
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    agent.drain(`the worker got ${signal}`);
  };
  const onEnd = (): void => agent.drain('the process that started the worker is gone');
  for (const signal of signals) process.on(signal, onSignal);
  if (untilInputCloses) process.stdin.on('end', onEnd).on('error', onEnd).resume();
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
    if (untilInputCloses) process.stdin.off('end', onEnd).off('error', onEnd).pause();
  };
}
