import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { z } from 'zod';
import type { PrunerDefinition } from '../src/sweep/sweep-definition.js';
import { median, UsageError, type Benchmark, type BenchmarkRow } from './benchmark.js';
import { peerPython, runPeer } from './peer-python.js';
import { judged, marks, mostEpochs, type PruningTask } from './pruning/run-pruning.js';

type Combination = Omit<PruningTask, 'seed'> & { readonly name: string };

const halving = { metrics: [judged], min: 1, max: 81, reduction: 3 } as const;
const percentile = { metric: judged, percentile: 50, startup: 5, warmup: 0 } as const;

function combination(sampler: string, name: string, pruner?: PrunerDefinition): Combination {
  return { name: `${sampler}, ${name}`, sampler, ...(pruner ? { pruner } : {}) };
}

/** Ours; the first one is what the documentation advises, and has the figures to reach. */
const combinations: readonly Combination[] = [
  combination('auto', 'forecast', { type: 'forecast', metric: judged, min: 3, max: 81, reduction: 3 }),
  combination('tpe', 'asha', { type: 'asha', resume: false, ...halving }),
  combination('tpe', 'asha with resume', { type: 'asha', resume: true, ...halving }),
  combination('tpe', 'hyperband', { type: 'hyperband', resume: false, ...halving }),
  combination('tpe', 'median', { type: 'median', ...percentile }),
  combination('random', 'asha', { type: 'asha', resume: false, ...halving }),
];

/** Half of the best column of the published table (Optuna 3.1.0): epochs to each regret. */
const reach = [172, 406, 770.5] as const;

const PeerResult = z.object({
  version: z.string(),
  epochs: z.record(z.string(), z.array(z.array(z.number().nullable()))),
});

type Runs = readonly (readonly (number | null)[])[];

export const pruningQuality: Benchmark = {
  name: 'pruning',
  about: 'epochs of training to find a configuration near the optimum, beside Optuna',
  flags: { seeds: 'N: runs of each (default 20)' },

  async run(say, flags) {
    const seeds = Number(flags['seeds'] ?? 20);
    if (!Number.isInteger(seeds) || seeds < 1)
      throw new UsageError(`--seeds: ${flags['seeds']} is no number of runs`);
    const ours = await runOurs(seeds, say);
    const peer = runOptuna(seeds, say);
    return {
      benchmark: 'pruning',
      rows: combinations.flatMap(({ name }, i) => rowsOf(name, ours.get(name) ?? [], peer, i === 0)),
      notes: [
        `medians over ${seeds} seeds, by how many of them got there within ${mostEpochs} epochs; one trial trains at a time`,
        'reach: half of the best column of the published table (Optuna 3.1.0: 344 / 812 / 1541)',
        ...(peer
          ? Object.entries(peer.epochs).map(
              ([name, runs]) => `Optuna ${peer.version}, ${name}: ${figures(runs)}`,
            )
          : ['no peer: Python or its package index is out of reach']),
      ],
    };
  },
};

async function runOurs(seeds: number, say: (line: string) => void): Promise<Map<string, Runs>> {
  const pool = new Piscina<PruningTask, (number | null)[]>({
    filename: fileURLToPath(new URL('./pruning/run-pruning.ts', import.meta.url)),
    name: 'runPruningTask',
  });
  const found = new Map<string, Runs>();
  try {
    for (const { name, ...task } of combinations) {
      const runs = Array.from({ length: seeds }, (_, i) => pool.run({ ...task, seed: i + 1 }));
      found.set(name, await Promise.all(runs));
      say(`${name}: ${figures(found.get(name) ?? [])}`);
    }
  } finally {
    await pool.destroy();
  }
  return found;
}

function runOptuna(seeds: number, say: (line: string) => void): z.infer<typeof PeerResult> | undefined {
  const python = peerPython('optuna-search', ['optuna', 'cmaes', 'scipy'], say);
  if (python === undefined) return undefined;
  say('running Optuna');
  return PeerResult.parse(runPeer(python, 'optuna_pruning.py', [String(seeds), String(mostEpochs)]));
}

/** Seeds that did not get there count as the most epochs, or more. */
function epochsTo(runs: Runs, mark: number): number {
  return median(runs.map((run) => run[mark] ?? Infinity));
}

function hits(runs: Runs, mark: number): number {
  return runs.filter((run) => run[mark] !== null).length;
}

function figures(runs: Runs): string {
  return marks.map((_, i) => `${epochsTo(runs, i)} (${hits(runs, i)})`).join(' / ');
}

function rowsOf(
  name: string,
  runs: Runs,
  peer: z.infer<typeof PeerResult> | undefined,
  isAdvised: boolean,
): BenchmarkRow[] {
  return marks.map((regret, i) => {
    // JSON has no infinity.
    const value = Math.min(epochsTo(runs, i), mostEpochs);
    const others = Object.values(peer?.epochs ?? {}).map((peerRuns) => epochsTo(peerRuns, i));
    const best = others.length > 0 ? Math.min(...others, mostEpochs) : undefined;
    return {
      what: `regret ${regret}, ${name} (${hits(runs, i)} of ${runs.length})`,
      unit: 'epochs',
      ours: value,
      ...(best === undefined ? {} : { peer: best, ratio: Number((best / value).toPrecision(3)) }),
      ...(isAdvised ? { reach: reach[i] ?? 0, met: value <= (reach[i] ?? 0) } : {}),
    };
  });
}
