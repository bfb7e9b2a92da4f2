import { availableParallelism } from 'node:os';
import {
  findPostgresql,
  startPostgresql,
  type PostgresqlServer,
} from '../test/store/postgresql/postgresql-server.js';
import { median, row, UsageError, type Benchmark, type BenchmarkRow } from './benchmark.js';
import { wholeWay, type WholeWay } from './orchestration/no-op.js';
import { optunaOnPostgresql, optunaOnSqlite } from './orchestration/optuna.js';
import { takeovers } from './orchestration/takeover.js';
import { peerPython } from './peer-python.js';

const repetitions = 3;

/**
 * No-op trials the whole way: `coordinator start` with its own nats-server, one worker process, SQLite, and PostgreSQL where
 * it is installed; every trial is
 * suggested, stored, published, claimed, run in a thread, reported on and its result stored. The clock runs from the
 * first trial's creation to the last one's result, as the store has them. The peer does the same work in one process.
 */
export const orchestration: Benchmark = {
  name: 'orchestration',
  about: 'no-op trials a second, stored, whole way, against Optuna on SQLite and PostgreSQL',
  flags: {
    trials: 'numbers of trials, with commas (default 1000,5000)',
    sleeping: 'so many trials of one second on 16 slots, too (10000 take 11 minutes)',
    peer: 'no: without Optuna',
  },
  async run(say, flags) {
    const sizes = (flags['trials'] ?? '1000,5000').split(',').map((text) => whole('trials', text));
    const sleeping = flags['sleeping'] === undefined ? undefined : whole('sleeping', flags['sleeping']);
    const notes: string[] = [
      `Node ${process.version}, ${availableParallelism()} cores; median of ${repetitions} runs`,
      'processor: of coordinator, nats-server and worker from the first trial to the last result, by /proc',
    ];
    const server = await postgresqlServer(notes);
    const [fewest = 0] = [...sizes].sort((a, b) => a - b);
    const rows: BenchmarkRow[] = [];
    const medians: { trials: number; memory: number }[] = [];
    let peers: Peers;
    try {
      peers = flags['peer'] === 'no' ? {} : await runPeers(server, say, notes);
      if (server) rows.push(await onPostgresql(fewest, server, peers.postgresql, say));
    } finally {
      await server?.stop();
    }
    for (const trials of sizes) {
      const runs: WholeWay[] = [];
      for (let i = 0; i < repetitions; i++) {
        const run = await wholeWay(trials);
        say(`${trials} trials: ${run.rate.toFixed(0)} a second`);
        runs.push(run);
      }
      rows.push(rateRow(trials, runs, peers.sqlite), ...processorRows(trials, runs));
      const memory = runs.flatMap((run) => run.memory ?? []);
      if (memory.length > 0) medians.push({ trials, memory: median(memory) });
    }
    rows.push(...memoryRows(medians));
    const took = await takeovers(repetitions, say);
    const what = 'from the death of a worker (kill -9) to the beginning of the new attempt elsewhere';
    // By its heartbeat alone a worker is missed after ten seconds.
    rows.push(row({ what, unit: 's', ours: median(took) / 1_000, reach: 5 }, 'lower'));
    if (sleeping !== undefined) rows.push(await sleepingTrials(sleeping, say));
    return { benchmark: 'orchestration', rows, notes };
  },
};

/** Trials a second. */
interface Peers {
  readonly sqlite?: number;
  readonly postgresql?: number | undefined;
}

/** Undefined where none is installed. */
async function postgresqlServer(notes: string[]): Promise<PostgresqlServer | undefined> {
  const programs = findPostgresql();
  if (typeof programs !== 'string') return await startPostgresql(programs);
  notes.push(`not on PostgreSQL: ${programs}`);
  return undefined;
}

async function runPeers(
  server: PostgresqlServer | undefined,
  say: (line: string) => void,
  notes: string[],
): Promise<Peers> {
  const python = peerPython('optuna-postgresql', ['optuna', 'psycopg2-binary'], say);
  if (python === undefined) {
    notes.push('no peer: Python or its package index is out of reach here');
    return {};
  }
  const runs = { python, repetitions, say, notes };
  const sqlite = await optunaOnSqlite(runs);
  return { sqlite, postgresql: server && (await optunaOnPostgresql(runs, server)) };
}

function rateRow(trials: number, runs: readonly WholeWay[], peer: number | undefined): BenchmarkRow {
  const what = `no-op trials, stored, whole way, ${trials} trials`;
  const ours = median(runs.map(({ rate }) => rate));
  return row({ what, unit: 'trials/s', ours, peer, reach: 1_000 }, 'higher');
}

/** The same with the store in PostgreSQL. The server, of both, does not wait for the disk. */
async function onPostgresql(
  trials: number,
  server: PostgresqlServer,
  peer: number | undefined,
  say: (line: string) => void,
): Promise<BenchmarkRow> {
  const rates: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const { options, remove } = await server.place();
    const { database = '' } = options;
    const { rate } = await wholeWay(trials, { database }).finally(remove);
    say(`${trials} trials on PostgreSQL: ${rate.toFixed(0)} a second`);
    rates.push(rate);
  }
  const what = `no-op trials, stored, whole way, ${trials} trials, both on PostgreSQL`;
  return row({ what, unit: 'trials/s', ours: median(rates), peer }, 'higher');
}

function processorRows(trials: number, runs: readonly WholeWay[]): BenchmarkRow[] {
  const programs = new Set(runs.flatMap(({ processor }) => [...(processor?.keys() ?? [])]));
  return [...programs].map((program) => {
    const ours = median(runs.map(({ processor }) => processor?.get(program) ?? 0));
    return row({ what: `${trials} trials: processor, ${program}`, unit: 'ms a trial', ours }, 'lower');
  });
}

/** How much larger the coordinator is after the most trials than after the fewest. */
function memoryRows(sizes: readonly { trials: number; memory: number }[]): BenchmarkRow[] {
  const sorted = [...sizes].sort((a, b) => a.trials - b.trials);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last || first === last) return [];
  const bytes = (last.memory - first.memory) / (last.trials - first.trials);
  const what = `memory of the coordinator a finished trial, from ${first.trials} to ${last.trials} trials`;
  return [row({ what, unit: 'bytes', ours: bytes, reach: 3_000 }, 'lower')];
}

const slots = 16;
const sleepsForASecond =
  'export default async ({ x }) => { await new Promise((r) => setTimeout(r, 1000)); return { y: x }; };';

/** Trials that sleep for a second, on 16 slots of two workers: what is added to trials that take their time. */
async function sleepingTrials(trials: number, say: (line: string) => void): Promise<BenchmarkRow> {
  const flags = ['--workers', '2', '--slots', String(slots / 2)];
  const { rate } = await wholeWay(trials, { objective: sleepsForASecond, flags });
  const seconds = trials / rate;
  say(`${trials} trials of a second on ${slots} slots: ${seconds.toFixed(1)} s`);
  const what = `${trials} trials of one second on ${slots} slots`;
  // Of 10,000, 635 s; Ray Tune 715 s.
  return row({ what, unit: 's', ours: seconds, reach: (trials / slots) * 1.016 }, 'lower');
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`--${name} takes whole numbers above 0, not ${text}`);
}
