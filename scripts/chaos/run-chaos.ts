import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeJoinString, type NatsAddress } from '../../src/messaging/join-string.js';
import { connectCoordinatorBus } from '../../src/messaging/nats-coordinator-bus.js';
import { openStore, type StoreOptions } from '../../src/store/open-store.js';
import { audit, type Audit } from './audit.js';
import { FaultInjector } from './faults.js';
import { ChaosProcess, type LinkedProcess } from './processes.js';
import { Proxy } from './proxy.js';
import { scheduleFaults, type Part } from './schedule.js';
import { startDatabase, startNats, type ChaosServer } from './servers.js';
import { objectiveSource, readLaunches, Trained } from './trials.js';

export interface ChaosOptions {
  readonly trials: number;
  readonly faults: number;
  readonly seed: number;
  readonly workers: number;
  /** Coordinators: one works, the others stand by. */
  readonly coordinators: number;
  /** `sqlite`, `postgresql` for a server of our own, else the URL of a database. */
  readonly database: string;
  /** An empty folder for everything. */
  readonly directory: string;
  /** Milliseconds without a single trial trained after which the sweep counts as stuck. */
  readonly patience: number;
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly trials: number;
  readonly faults: number;
  readonly audit: Audit;
  /** How often each fault struck: `kill worker` and so on. */
  readonly byKind: Readonly<Record<string, number>>;
  readonly isStuck: boolean;
  /** How often coordinators ended by themselves before the sweep was complete, by exit code. */
  readonly unasked: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Who is killed shall be missed soon. The worker announces itself every two seconds. */
const timings = { SWEEPYARD_ACK_WAIT: '3000', SWEEPYARD_FLEET_TTL: '5000', SWEEPYARD_LEASE_TTL: '2000' };
const lookInterval = 50;
/** Milliseconds for workers and standby coordinators to end at the end. */
const farewell = 20_000;

/** Runs one sweep of short trials while everything around it fails, and says what became of it. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { directory, trials, faults, seed, say } = options;
  const begun = Date.now();
  await writeSweep(directory, trials);
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const nats = await startNats(directory);
    closing.push(() => nats.stop());
    const database = options.database === 'postgresql' ? await startDatabase() : undefined;
    if (database) closing.push(() => database.stop());
    const databaseLink = database && (await Proxy.listen(() => database.port));
    if (databaseLink) closing.push(() => databaseLink.close());
    const place = (port?: number): StoreOptions => {
      if (options.database === 'sqlite') return { directory };
      if (!database) return { directory, database: options.database };
      return { directory, database: database.url(port ?? database.port) };
    };
    const unasked: Record<string, number> = {};
    let isComplete = false;
    const coordinators = await startAll(options.coordinators, closing, nats, (index, port) => ({
      program: 'coordinator',
      args: coordinatorArgs(directory, { ...nats.coordinator, port }, options.coordinators > 1),
      environment: { ...timings, SWEEPYARD_DATABASE: place(databaseLink?.port).database },
      logFile: join(directory, `coordinator-${index}.log`),
      onEnd: (code) => {
        if (code === 0) isComplete = true;
        else if (!isComplete) unasked[`exit ${code}`] = (unasked[`exit ${code}`] ?? 0) + 1;
        return !isComplete;
      },
    }));
    const workers = await startAll(options.workers, closing, nats, (index, port) => ({
      program: 'worker',
      args: ['start', '--slots', '2', '--name', `chaos${index}`, '--allow-modules'],
      environment: { ...timings, SWEEPYARD_JOIN: encodeJoinString({ ...nats.worker, port }) },
      logFile: join(directory, `worker-${index}.log`),
      onEnd: () => true,
    }));
    const parts: Part[] = [
      'coordinator',
      'worker',
      'nats-server',
      ...(database ? ['postgresql' as const] : []),
    ];
    const injector = new FaultInjector({ coordinators, workers, nats, database, databaseLink }, say);
    const schedule = scheduleFaults({ trials, faults, seed, parts, patience: 5_000 });
    const isStuck = await follow(options, () => isComplete, injector, schedule);
    await injector.mendAll();
    const left = await endAll([...coordinators, ...workers].map(({ process }) => process));
    const store = await openStore({ ...place(), readOnly: true });
    try {
      const sweep = await store.findSweep('chaos');
      if (!sweep) throw new Error('the sweep is not stored');
      const found = await audit(store, sweep, trials, await readLaunches(directory));
      const waiting = await assignmentsLeft(nats.coordinator, sweep.id);
      const leftRunning = [...found.leftRunning, ...left, ...waiting];
      return {
        trials,
        faults: injector.count,
        audit: { ...found, leftRunning },
        byKind: injector.byKind,
        isStuck,
        unasked,
        seconds: (Date.now() - begun) / 1_000,
      };
    } finally {
      await store.close();
    }
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function startAll(
  count: number,
  closing: (() => Promise<unknown>)[],
  nats: ChaosServer,
  describe: (index: number, port: number) => ConstructorParameters<typeof ChaosProcess>[0],
): Promise<LinkedProcess[]> {
  const all: LinkedProcess[] = [];
  for (let index = 0; index < count; index++) {
    const link = await Proxy.listen(() => nats.port);
    const process = new ChaosProcess(describe(index, link.port));
    closing.push(
      () => link.close(),
      () => process.stop(farewell),
    );
    all.push({ process, link });
  }
  return all;
}

/** Strikes as the trials go on, until the sweep is complete. Whether it got stuck. */
async function follow(
  { directory, patience, say, trials }: ChaosOptions,
  isComplete: () => boolean,
  injector: FaultInjector,
  schedule: ReturnType<typeof scheduleFaults>,
): Promise<boolean> {
  const trained = new Trained(directory);
  let last = { count: 0, at: Date.now() };
  let next = 0;
  while (!isComplete()) {
    const count = await trained.count();
    if (count > last.count) last = { count, at: Date.now() };
    for (let fault; (fault = schedule[next]) && fault.after <= count; next++) {
      say(
        `${count} of ${trials} trained; fault ${next + 1}: ${fault.kind} ${fault.part} for ${fault.duration} ms`,
      );
      injector.strike(fault);
    }
    if (Date.now() - last.at > patience) {
      say(`stuck: nothing was trained for ${patience} ms`);
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, lookInterval));
  }
  return false;
}

async function endAll(processes: readonly ChaosProcess[]): Promise<string[]> {
  const ended = await Promise.all(processes.map((process) => process.stop(farewell)));
  return ended.flatMap((obeyed, i) => (obeyed ? [] : [`process ${i} did not end within ${farewell} ms`]));
}

async function assignmentsLeft(address: NatsAddress, sweepId: string): Promise<string[]> {
  const bus = await connectCoordinatorBus({ address, name: 'chaos audit' });
  try {
    const left = await bus.pendingAssignments('default', sweepId);
    return left === 0 ? [] : [`${left} assignments are left in the stream`];
  } finally {
    await bus.close();
  }
}

function coordinatorArgs(directory: string, nats: NatsAddress, standby: boolean): string[] {
  const url = encodeJoinString(nats).replace(/^sweepyard:/, 'nats:');
  const flags = ['--dir', directory, '--no-dashboard', '--no-worker', '--nats', url];
  return ['start', join(directory, 'sweep.yaml'), ...flags, ...(standby ? ['--standby'] : [])];
}

async function writeSweep(directory: string, trials: number): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }\n');
  await writeFile(join(directory, 'objective.js'), objectiveSource);
  const lines = [
    'name: chaos',
    'trainable: ./objective.js',
    `space: { x: { int: [0, ${trials - 1}] } }`,
    'search: { sampler: grid }',
    'objectives: { y: maximize }',
  ];
  await writeFile(join(directory, 'sweep.yaml'), `${lines.join('\n')}\n`);
}
