import { constants } from 'node:os';
import { busTimings } from '../messaging/timings.js';
import { decodeJoinString, describeAddress } from '../messaging/join-string.js';
import { connectWorkerBus } from '../messaging/nats-worker-bus.js';
import { cacheDirectory } from '../support/directories.js';
import { formatDuration } from '../sweep/units.js';
import { Agent } from './agent.js';
import { createLog } from './log.js';
import { describeMachine } from './machine.js';
import type { Permissions } from './permissions.js';
import { ThreadPool } from './threads/thread-pool.js';

export interface WorkerOptions {
  readonly join: string;
  readonly name?: string;
  readonly pool: string;
  readonly slots: number;
  readonly backend: string;
  readonly dataPath?: string;
  readonly permissions: Permissions;
  /** Milliseconds. @default 10 000 */
  readonly grace?: number;
  /** Milliseconds. */
  readonly hangAfter?: number;
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
  const { grace, hangAfter, permissions, backend, dataPath, slots } = options;
  const log = createLog(options.verbose ?? false);
  const address = decodeJoinString(options.join);
  // It holds a password, and whatever trials run inherits the environment.
  delete process.env['SWEEPYARD_JOIN'];
  const machine = describeMachine(options);
  const bus = await connectWorkerBus({ address, name: machine.id, log: log.say });
  const pool = new ThreadPool({
    slots,
    // A line of log is a sign of life.
    silent: !options.verbose && hangAfter === undefined,
    options: { backend, cacheDirectory: cacheDirectory(), ...(dataPath === undefined ? {} : { dataPath }) },
  });
  const agent = new Agent(bus, pool, {
    machine,
    permissions,
    ...(grace === undefined ? {} : { grace }),
    ...(hangAfter === undefined ? {} : { hangAfter }),
    workingInterval: busTimings().ackWait / 3,
    log: log.detail,
  });
  const stopListening = drainOnRequest(agent, options.untilInputCloses ?? false);
  try {
    await pool.ready;
    log.say(
      `${machine.id} works for pool ${machine.pool} at ${describeAddress(address)}: ` +
        `${slots} ${slots === 1 ? 'slot' : 'slots'}, backend ${backend}`,
    );
    agent.start();
    await agent.stopped;
  } finally {
    stopListening();
    await pool.close();
    await bus.close();
  }
  const time = formatDuration((Date.now() - machine.startedAt) / 1000);
  log.say(
    `${machine.id} ended after ${agent.finished} ${agent.finished === 1 ? 'assignment' : 'assignments'} in ${time}`,
  );
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
