import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { median, row, type Benchmark, type BenchmarkRow } from './benchmark.js';
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
  about: 'no-op trials a second, stored, whole way, against Optuna on SQLite',
  async run(say) {
    const notes: string[] = [
      `Node ${process.version}, ${availableParallelism()} cores; median of ${repetitions} runs`,
    ];
    const python = peerPython('optuna', ['optuna'], say);
    const peer = python === undefined ? undefined : await optunaRate(python, say, notes);
    if (peer === undefined) notes.push('no peer: Python or its package index is out of reach here');
    const rows: BenchmarkRow[] = [];
    for (const trials of [1_000, 5_000]) {
      const rates: number[] = [];
      for (let i = 0; i < repetitions; i++) {
        const rate = await ourRate(trials);
        say(`${trials} trials: ${rate.toFixed(0)} a second`);
        rates.push(rate);
      }
      const what = `no-op trials, stored, whole way, ${trials} trials`;
      rows.push(row({ what, unit: 'trials/s', ours: median(rates), peer, reach: 1_000 }, 'higher'));
    }
    return { benchmark: 'orchestration', rows, notes };
  },
};

const listing = z.array(
  z.looseObject({ state: z.string(), createdAt: z.coerce.date(), finishedAt: z.coerce.date() }),
);

async function ourRate(trials: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard-bench-'));
  try {
    await writeFile(
      join(directory, 'objective.js'),
      'export default ({ x }, trial) => { trial.report({ y: x }, 1); return { y: x }; };\n',
    );
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
    await command(['start', join(directory, 'sweep.yaml'), '--dir', directory, '--no-dashboard', '--quiet']);
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

async function optunaRate(python: string, say: (line: string) => void, notes: string[]): Promise<number> {
  const answer = z.object({ version: z.string(), trials: z.number(), seconds: z.number() });
  const rates: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const directory = await mkdtemp(join(tmpdir(), 'sweepyard-bench-'));
    try {
      const run = answer.parse(
        runPeer(python, 'optuna_noop.py', [`sqlite:///${join(directory, 'optuna.db')}`, String(peerTrials)]),
      );
      rates.push(run.trials / run.seconds);
      if (i === 0)
        notes.push(`peer: Optuna ${run.version}, SQLite, random sampling, one process, ${peerTrials} trials`);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  say(`Optuna: ${median(rates).toFixed(1)} a second`);
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
