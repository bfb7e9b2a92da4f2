import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findPostgresql, startPostgresql } from '../test/store/postgresql/postgresql-server.js';
import { median, row, UsageError, type Benchmark, type BenchmarkRow } from './benchmark.js';
import { peerPython, runPeer } from './peer-python.js';

const coordinator = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist/coordinator/cli/main.js');
const repetitions = 3;
const peerTrials = 200;

/**
 * No-op trials the whole way: `coordinator start` with its own nats-server, one worker process, SQLite; every trial is
 * suggested, stored, published, claimed, run in a thread, reported on and its result stored. The clock runs from the
 * first trial's creation to the last one's result, as the store has them. The peer does the same work in one process.
 */
export const orchestration: Benchmark = {
  name: 'orchestration',
  about: 'no-op trials a second, stored, whole way, against Optuna on SQLite and PostgreSQL',
  flags: {
    trials: 'numbers of trials, with commas (default 1000,5000)',
    sleeping: 'so many trials of one second on 16 slots, too (10000 take 11 minutes)',
  },
  async run(say, flags) {
    const sizes = (flags['trials'] ?? '1000,5000').split(',').map((text) => whole('trials', text));
    const sleeping = flags['sleeping'] === undefined ? undefined : whole('sleeping', flags['sleeping']);
    const notes: string[] = [
      `Node ${process.version}, ${availableParallelism()} cores; median of ${repetitions} runs`,
    ];
    const python = peerPython('optuna-postgresql', ['optuna', 'psycopg2-binary'], say);
    if (python === undefined) notes.push('no peer: Python or its package index is out of reach here');
    const peer = python === undefined ? undefined : await onSqlite(python, say, notes);
    const peerOnServer = python === undefined ? undefined : await onPostgresql(python, say, notes);
    const rows: BenchmarkRow[] = [];
    for (const trials of sizes) {
      const rates: number[] = [];
      for (let i = 0; i < repetitions; i++) {
        const rate = await ourRate(trials);
        say(`${trials} trials: ${rate.toFixed(0)} a second`);
        rates.push(rate);
      }
      const what = `no-op trials, stored, whole way, ${trials} trials`;
      rows.push(row({ what, unit: 'trials/s', ours: median(rates), peer, reach: 1_000 }, 'higher'));
      if (peerOnServer !== undefined) {
        const besides = `${what}, ours on SQLite, the peer on PostgreSQL`;
        rows.push(
          row({ what: besides, unit: 'trials/s', ours: median(rates), peer: peerOnServer }, 'higher'),
        );
      }
    }
    if (sleeping !== undefined) rows.push(await sleepingTrials(sleeping, say));
    return { benchmark: 'orchestration', rows, notes };
  },
};

const listing = z.array(
  z.looseObject({ state: z.string(), createdAt: z.coerce.date(), finishedAt: z.coerce.date() }),
);

const slots = 16;

/** Trials that sleep for a second, on 16 slots of two workers: what is added to trials that take their time. */
async function sleepingTrials(trials: number, say: (line: string) => void): Promise<BenchmarkRow> {
  const objective =
    'export default async ({ x }) => { await new Promise((r) => setTimeout(r, 1000)); return { y: x }; };';
  const seconds =
    trials / (await ourRate(trials, objective, ['--workers', '2', '--slots', String(slots / 2)]));
  say(`${trials} trials of a second on ${slots} slots: ${seconds.toFixed(1)} s`);
  const what = `${trials} trials of one second on ${slots} slots`;
  // Of 10,000, 635 s; Ray Tune 715 s.
  return row({ what, unit: 's', ours: seconds, reach: (trials / slots) * 1.016 }, 'lower');
}

const noOp = 'export default ({ x }, trial) => { trial.report({ y: x }, 1); return { y: x }; };';

/** Trials a second, from the first one's creation to the last one's result. */
async function ourRate(trials: number, objective = noOp, flags: readonly string[] = []): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard-bench-'));
  try {
    await writeFile(join(directory, 'objective.js'), `${objective}\n`);
    await writeFile(
      join(directory, 'sweep.yaml'),
      [
        'name: no-op',
        'trainable: ./objective.js',
        'space: { x: { float: [0, 1] } }',
        'objectives: { y: maximize }',
        `search: { sampler: random, trials: ${trials}, seed: 1 }`,
        '',
      ].join('\n'),
    );
    await command([
      'start',
      join(directory, 'sweep.yaml'),
      '--dir',
      directory,
      '--no-dashboard',
      '--quiet',
      ...flags,
    ]);
    const stored = listing.parse(
      JSON.parse(await command(['trials', 'no-op', '--dir', directory, '--format', 'json'])),
    );
    const completed = stored.filter(({ state }) => state === 'completed').length;
    if (completed !== trials) throw new Error(`${completed} of ${trials} trials completed`);
    const first = stored.reduce((least, trial) => Math.min(least, trial.createdAt.getTime()), Infinity);
    const last = stored.reduce((most, trial) => Math.max(most, trial.finishedAt.getTime()), -Infinity);
    return trials / ((last - first) / 1_000);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function onSqlite(python: string, say: (line: string) => void, notes: string[]): Promise<number> {
  return await optunaRate(
    python,
    'SQLite',
    say,
    notes,
    (directory) => `sqlite:///${join(directory, 'optuna.db')}`,
  );
}

/** In the same run, on a PostgreSQL server of our own. */
async function onPostgresql(
  python: string,
  say: (line: string) => void,
  notes: string[],
): Promise<number | undefined> {
  const programs = findPostgresql();
  if (typeof programs === 'string') {
    notes.push(`no peer on PostgreSQL: ${programs}`);
    return undefined;
  }
  const server = await startPostgresql(programs);
  try {
    await server.query('postgres', 'CREATE DATABASE optuna');
    // SQLAlchemy would take another driver by itself.
    const url = `postgresql+psycopg2://sweepyard:secret@127.0.0.1:${server.port}/optuna`;
    return await optunaRate(python, 'PostgreSQL', say, notes, () => url);
  } finally {
    await server.stop();
  }
}

async function optunaRate(
  python: string,
  storage: string,
  say: (line: string) => void,
  notes: string[],
  urlIn: (directory: string) => string,
): Promise<number> {
  const answer = z.object({ version: z.string(), trials: z.number(), seconds: z.number() });
  const rates: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const directory = await mkdtemp(join(tmpdir(), 'sweepyard-bench-'));
    try {
      const run = answer.parse(runPeer(python, 'optuna_noop.py', [urlIn(directory), String(peerTrials)]));
      rates.push(run.trials / run.seconds);
      if (i === 0)
        notes.push(
          `peer: Optuna ${run.version}, ${storage}, random sampling, one process, ${peerTrials} trials`,
        );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  say(`Optuna on ${storage}: ${median(rates).toFixed(1)} a second`);
  return median(rates);
}

/** Runs a coordinator command to its end and returns what it printed. */
function command(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [coordinator, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output.stdout);
      else
        reject(
          new Error(`coordinator ${args.join(' ')} ended with ${code}: ${output.stderr || output.stdout}`),
        );
    });
  });
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`--${name} takes whole numbers above 0, not ${text}`);
}
