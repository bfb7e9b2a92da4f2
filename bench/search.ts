import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { z } from 'zod';
import { availableSamplers } from '../src/sweep/samplers.js';
import { median, UsageError, type Benchmark, type BenchmarkRow } from './benchmark.js';
import { peerPython, runPeer } from './peer-python.js';
import { searchProblems, type SearchProblem } from './search/problems.js';
import { logRegret } from './search/search-run.js';
import type { SearchTask } from './search/search-task.js';

const trials = 200;

/** By problem: the best column of the published table (reference: Optuna 3.1.0), after 100 and 200 trials. */
const published: Readonly<Record<string, readonly [number, number]>> = {
  Branin: [-1.92, -5],
  Hartmann6: [-0.73, -1.37],
  Ackley5: [0.81, 0.43],
  Rosenbrock4: [1.65, 0.68],
  Levy6: [-0.12, -0.74],
  MixedCond: [-1.74, -2.15],
};

const PeerResult = z.object({
  version: z.string(),
  best: z.record(z.string(), z.record(z.string(), z.array(z.tuple([z.number(), z.number()])))),
});

/** Medians over the seeds of log10 regret, after 100 and after 200 trials. */
type Medians = readonly [number, number];

export const searchQuality: Benchmark = {
  name: 'search',
  about: 'how near samplers come to the optimum of known functions, beside Optuna',
  flags: {
    seeds: 'N: runs of each (default 20)',
    problems: `A,B: some of ${searchProblems.map(({ name }) => name).join(', ')}`,
    samplers: 'A,B: ours to run (default auto and every sampler but grid)',
  },

  async run(say, flags) {
    const seeds = Number(flags['seeds'] ?? 20);
    if (!Number.isInteger(seeds) || seeds < 1)
      throw new UsageError(`--seeds: ${flags['seeds']} is no number of runs`);
    const problems = chosen(
      'problems',
      flags['problems'],
      searchProblems.map(({ name }) => name),
    );
    const all = ['auto', ...availableSamplers.filter((name) => name !== 'grid')];
    const samplers = chosen('samplers', flags['samplers'], all);
    const ours = await runOurs(problems, samplers, seeds, say);
    const peer = runOptuna(problems, seeds, say);
    const rows = searchProblems
      .filter(({ name }) => problems.includes(name))
      .flatMap(({ name }) => samplers.flatMap((sampler) => rowsOf(name, sampler, ours, peer?.medians)));
    return {
      benchmark: 'search',
      rows,
      notes: [
        `medians of ${seeds} seeds of log10(best value - optimum), floored at -12; ratio: how many times nearer`,
        'reach: the best column of the published table (Optuna 3.1.0); 20 seeds with all samplers take up to an hour on two cores, nearly all of it gp',
        ...(peer
          ? [
              `peer: the best of Optuna ${peer.version}'s samplers on that row, in the same run`,
              ...peerNotes(peer.medians),
            ]
          : ['no peer: Python or its package index is out of reach']),
      ],
    };
  },
};

function chosen(flag: string, given: string | undefined, all: readonly string[]): readonly string[] {
  if (given === undefined) return all;
  const names = given.split(',');
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--${flag}: there is no ${unknown}; there are ${all.join(', ')}`);
  return names;
}

async function runOurs(
  problems: readonly string[],
  samplers: readonly string[],
  seeds: number,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, Medians>> {
  const pool = new Piscina<SearchTask, Medians>({
    filename: fileURLToPath(new URL('./search/search-task.ts', import.meta.url)),
    name: 'runSearchTask',
  });
  const medians = new Map<string, Medians>();
  try {
    for (const problem of problems) {
      for (const sampler of samplers) {
        const tasks = Array.from({ length: seeds }, (_, i) =>
          pool.run({ problem, sampler, seed: i + 1, trials }),
        );
        const found = mediansOf(await Promise.all(tasks));
        medians.set(`${problem} ${sampler}`, found);
        say(`${problem}, ${sampler}: ${found.map((value) => value.toFixed(2)).join(' / ')}`);
      }
    }
  } finally {
    await pool.destroy();
  }
  return medians;
}

function mediansOf(regrets: readonly Medians[]): Medians {
  return [median(regrets.map(([half]) => half)), median(regrets.map(([, whole]) => whole))];
}

interface PeerMedians {
  readonly version: string;
  /** By problem and sampler. */
  readonly medians: Readonly<Record<string, Readonly<Record<string, Medians>>>>;
}

function runOptuna(
  problems: readonly string[],
  seeds: number,
  say: (line: string) => void,
): PeerMedians | undefined {
  const python = peerPython('optuna-search', ['optuna', 'cmaes', 'scipy'], say);
  if (python === undefined) return undefined;
  say('running Optuna');
  const output = runPeer(python, 'optuna_search.py', [problems.join(','), String(seeds), String(trials)]);
  const { version, best } = PeerResult.parse(output);
  const problemOf = (name: string): SearchProblem | undefined =>
    searchProblems.find((candidate) => candidate.name === name);
  const medians = Object.entries(best).map(([name, bySampler]) => {
    const problem = problemOf(name);
    if (!problem) throw new Error(`the peer ran "${name}", which is no search problem`);
    const regrets = Object.entries(bySampler).map(([sampler, values]): [string, Medians] => [
      sampler,
      mediansOf(values.map(([half, whole]) => [logRegret(problem, half), logRegret(problem, whole)])),
    ]);
    return [name, Object.fromEntries(regrets)] as const;
  });
  return { version, medians: Object.fromEntries(medians) };
}

function rowsOf(
  problem: string,
  sampler: string,
  ours: ReadonlyMap<string, Medians>,
  peers: PeerMedians['medians'] | undefined,
): BenchmarkRow[] {
  return ([0, 1] as const).map((i) => {
    const value = ours.get(`${problem} ${sampler}`)?.[i] ?? NaN;
    const others = Object.values(peers?.[problem] ?? {}).map((medians) => medians[i]);
    const peer = others.length > 0 ? Math.min(...others) : undefined;
    const reach = published[problem]?.[i];
    return {
      what: `${problem}, ${i === 0 ? trials / 2 : trials} trials, ${sampler}`,
      unit: 'log10 regret',
      ours: rounded(value),
      ...(peer === undefined ? {} : { peer: rounded(peer), ratio: rounded(10 ** (peer - value)) }),
      ...(reach === undefined ? {} : { reach, met: value < reach }),
    };
  });
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

function peerNotes(medians: PeerMedians['medians']): string[] {
  return Object.entries(medians).map(([problem, bySampler]) => {
    const figures = Object.entries(bySampler).map(
      ([sampler, [half, whole]]) => `${sampler} ${half.toFixed(2)} / ${whole.toFixed(2)}`,
    );
    return `Optuna on ${problem} (${trials / 2} / ${trials} trials): ${figures.join(', ')}`;
  });
}
