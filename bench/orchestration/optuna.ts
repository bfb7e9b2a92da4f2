import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { PostgresqlServer } from '../../test/store/postgresql/postgresql-server.js';
import { median } from '../benchmark.js';
import { runPeer } from '../peer-python.js';

/** A few are enough: what one takes hardly changes until there are thousands. */
const trials = 100;

export interface PeerRuns {
  readonly python: string;
  readonly repetitions: number;
  readonly say: (line: string) => void;
  readonly notes: string[];
}

/** Trials a second of Optuna on SQLite, the median. */
export async function optunaOnSqlite(runs: PeerRuns): Promise<number> {
  return await rateOn('SQLite', runs, (directory) => `sqlite:///${join(directory, 'optuna.db')}`);
}

/** The same on a PostgreSQL server of our own. */
export async function optunaOnPostgresql(runs: PeerRuns, server: PostgresqlServer): Promise<number> {
  await server.query('postgres', 'CREATE DATABASE optuna');
  // SQLAlchemy would take another driver by itself.
  const url = `postgresql+psycopg2://sweepyard:secret@127.0.0.1:${server.port}/optuna`;
  return await rateOn('PostgreSQL', runs, () => url);
}

const answer = z.object({ version: z.string(), trials: z.number(), seconds: z.number() });

async function rateOn(
  storage: string,
  { python, repetitions, say, notes }: PeerRuns,
  urlIn: (directory: string) => string,
): Promise<number> {
  const rates: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const directory = await mkdtemp(join(tmpdir(), 'sweepyard-bench-'));
    try {
      const run = answer.parse(runPeer(python, 'optuna_noop.py', [urlIn(directory), String(trials)]));
      rates.push(run.trials / run.seconds);
      if (i === 0)
        notes.push(`peer: Optuna ${run.version}, ${storage}, random sampling, one process, ${trials} trials`);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
  say(`Optuna on ${storage}: ${median(rates).toFixed(1)} a second`);
  return median(rates);
}
