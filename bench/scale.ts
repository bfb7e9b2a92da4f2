import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadBook } from '../src/coordinator/recovery.js';
import { runSweep } from '../src/coordinator/run-sweep.js';
import { openNats } from '../src/coordinator/session.js';
import { takeSweep } from '../src/coordinator/take-sweep.js';
import type { NatsAddress } from '../src/messaging/join-string.js';
import { startNatsServer } from '../src/messaging/server/nats-server.js';
import { obtainNatsServer } from '../src/messaging/server/obtain-nats-server.js';
import { openStore } from '../src/store/open-store.js';
import type { SweepRecord, SweepStore } from '../src/store/sweep-store.js';
import { readDefinition } from '../src/sweep/definition.js';
import { row, UsageError, type Benchmark, type BenchmarkRow } from './benchmark.js';
import { Growth } from './scale/growth.js';
import { VirtualWorker } from './scale/virtual-worker.js';

/**
 * One sweep of many trials on many workers: a real nats-server, a real coordinator and store, and workers that do all
 * that a worker does on the bus, but train. Coordinator and workers share this process.
 */
export const scale: Benchmark = {
  name: 'scale',
  about: 'many virtual workers and trials: rate, stored cost and memory a trial, query times',
  flags: { workers: 'how many (default 1000)', trials: 'how many (default 100000)' },
  async run(say, flags) {
    const workers = whole('workers', flags['workers'] ?? '1000');
    const trials = whole('trials', flags['trials'] ?? '100000');
    // Coordinator and workers share one event loop, which is never free: nobody is dead because of that.
    process.env['SWEEPYARD_LEASE_TTL'] ??= '120000';
    process.env['SWEEPYARD_FLEET_TTL'] ??= '120000';
    const directory = await mkdtemp(join(tmpdir(), 'sweepyard-scale-'));
    const store = await openStore({ directory });
    try {
      const rows: BenchmarkRow[] = [];
      const sweep = await runOnWorkers({ directory, store, workers, trials, say, rows });
      const bytes = await sizeOf(join(directory, 'sweepyard.db'), join(directory, 'sweepyard.db-wal'));
      rows.push(
        row(
          { what: 'stored, with attempt and report', unit: 'bytes a trial', ours: bytes / trials },
          'lower',
        ),
      );
      await measureMemory(store, sweep, rows);
      await measureQueries(store, sweep, rows);
      const notes = [
        `${workers} workers, ${trials} trials, SQLite, Node ${process.version}, all in one process`,
      ];
      return { benchmark: 'scale', rows, notes };
    } finally {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

interface Place {
  readonly directory: string;
  readonly store: SweepStore;
  readonly workers: number;
  readonly trials: number;
  readonly say: (line: string) => void;
  readonly rows: BenchmarkRow[];
}

async function runOnWorkers({ directory, store, workers, trials, say, rows }: Place): Promise<SweepRecord> {
  const source = [
    'name: scale',
    'trainable: ./none.js',
    'space: { lr: { float: [1e-5, 1e-1], log: true }, width: { int: [1, 512] }, kind: [a, b, c] }',
    'objectives: { y: maximize }',
    `search: { sampler: random, trials: ${trials}, seed: 1 }`,
  ].join('\n');
  const read = readDefinition(source, { baseDirectory: directory });
  if (!read.ok) throw new Error(`the sweep is not valid: ${JSON.stringify(read.problems)}`);
  const { definition } = read;
  const server = await startNatsServer({ directory, program: await obtainNatsServer({ say }) });
  const address = server.coordinatorAddress;
  const url = `nats://${address.user}:${address.password}@${address.host}:${address.port}`;
  const nats = await openNats({ nats: url, directory, say, warn: say });
  const signal = new AbortController().signal;
  const request = { definition, again: false, retryFailed: false };
  const taken = await takeSweep({ store, bus: nats.bus, request, source, standby: false, signal, say });
  if (taken.kind !== 'taken') throw new Error(`the sweep is ${taken.kind}`);
  const { sweep, lease } = taken;
  // Before there is work: they share this process with the coordinator.
  const everybody = await joinAll(workers, address, say);
  let ended = 0;
  const growth = new Growth(trials);
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const since = performance.now();
  const running = await runSweep({
    sweep,
    lease,
    store,
    nats,
    directory,
    retryFailed: false,
    workers: 0,
    dashboard: false,
    say,
    warn: say,
    onEnded: (trials) => {
      const before = ended;
      ended += trials.length;
      growth.ended(ended);
      if (Math.floor(ended / 10_000) > Math.floor(before / 10_000)) say(`${ended} ended`);
    },
  });
  try {
    const { state } = await running.outcome;
    const seconds = (performance.now() - since) / 1_000;
    if (state !== 'completed') throw new Error(`the sweep is ${state}`);
    rows.push(
      row({ what: `trials on ${workers} workers`, unit: 'trials/s', ours: trials / seconds }, 'higher'),
      ...growthRows(growth),
      // All workers are in the same loop: the coordinator's own is busy for a part of it.
      row({ what: 'event loop held up, 99 %', unit: 'ms', ours: delay.percentile(99) / 1e6 }, 'lower'),
    );
  } finally {
    await running.close();
    await Promise.all(everybody.map((worker) => worker.stop()));
    await nats.close();
    await server.release();
  }
  return sweep;
}

function growthRows({ costs, residentBytes }: Growth): BenchmarkRow[] {
  // The first part warms up.
  const [, early = NaN] = costs;
  const last = costs.at(-1) ?? NaN;
  const at = 'processor of coordinator and workers, a trial,';
  return [
    row({ what: `${at} in the second tenth`, unit: 'ms', ours: early }, 'lower'),
    row(
      {
        what: `${at} in the last tenth`,
        unit: 'ms',
        ours: last,
        reach: Number((early * 1.25).toPrecision(3)),
      },
      'lower',
    ),
    row({ what: 'resident memory, in the second half', unit: 'bytes a trial', ours: residentBytes }, 'lower'),
  ];
}

async function joinAll(
  count: number,
  address: NatsAddress,
  say: (line: string) => void,
): Promise<VirtualWorker[]> {
  const joining = performance.now();
  const everybody: VirtualWorker[] = [];
  while (everybody.length < count) {
    const some = Array.from(
      { length: Math.min(20, count - everybody.length) },
      (_, j) => everybody.length + j,
    );
    everybody.push(
      ...(await Promise.all(some.map((index) => VirtualWorker.join(address, index, 'default')))),
    );
  }
  say(`${count} workers joined in ${((performance.now() - joining) / 1_000).toFixed(1)} s`);
  return everybody;
}

/** What the coordinator keeps of a sweep: read into memory as after a restart. */
async function measureMemory(store: SweepStore, sweep: SweepRecord, rows: BenchmarkRow[]): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  const begun = performance.now();
  const { book } = await loadBook(store, sweep, false);
  const seconds = (performance.now() - begun) / 1_000;
  collect();
  const bytes = (process.memoryUsage().heapUsed - before) / book.size;
  const what = 'memory of the coordinator, a finished trial';
  rows.push(row({ what, unit: 'bytes', ours: bytes, reach: 3_000 }, 'lower'));
  rows.push(row({ what: 'going on after a restart: reading all trials', unit: 's', ours: seconds }, 'lower'));
}

async function measureQueries(store: SweepStore, { id }: SweepRecord, rows: BenchmarkRow[]): Promise<void> {
  const middle = Math.floor((await store.countTrials(id)).completed / 2);
  const queries: [string, () => Promise<unknown>][] = [
    ['one trial', () => store.trial({ sweepId: id, number: middle })],
    ['its reports', () => store.reports({ sweepId: id, number: middle })],
    ['the counts of all states', () => store.countTrials(id)],
    [
      'the ten best',
      () => store.trials(id, { orderBy: { metric: 'y', direction: 'descending' }, limit: 10 }),
    ],
    ['a page of 100 in the middle', () => store.trials(id, { offset: middle, limit: 100 })],
    ['what changed last, 100 trials', () => store.changesSince(id, 3 * middle, 100)],
  ];
  for (const [what, query] of queries) {
    await query();
    const begun = performance.now();
    for (let i = 0; i < 20; i++) await query();
    rows.push(
      row({ what: `query: ${what}`, unit: 'ms', ours: (performance.now() - begun) / 20, reach: 50 }, 'lower'),
    );
  }
}

async function sizeOf(...files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`--${name} is a whole number above 0, not ${text}`);
}
