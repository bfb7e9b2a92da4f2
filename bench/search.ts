import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { availableSamplers } from '../src/sweep/samplers.js';
import { UsageError, type Benchmark, type BenchmarkRow } from './benchmark.js';
import { peerPython } from './peer-python.js';
import { parts, searchCases, type SearchCase } from './search/cases.js';
import { peerSamplers, type PeerRun, type PeerSamplers } from './search/peer-runs.js';
import { Results, shown } from './search/results.js';
import type { SearchTask } from './search/search-task.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Of the regret of random search that one worker removes, sixteen are to remove this part with as many trials. */
const parallelPart = 0.9;

export const searchQuality: Benchmark = {
  name: 'search',
  about: 'how near samplers come to the optimum of known functions, beside Optuna',
  flags: {
    seeds: 'N: runs of each (default 20)',
    parts: `A,B: some of ${parts.join(', ')}`,
    problems: 'A,B: these cases alone, e.g. Branin or "ZDT1 d=10"',
    samplers: 'A,B: ours to run (default auto, tpe and random; on noise auto alone)',
    peers: "A,B: some of Optuna's samplers, or none",
    minutes: 'N: stops after so many; what was run is kept under build/, and the next call goes on',
    python: 'PATH: one with Optuna (and PyTorch, for its GPSampler) instead of one that is installed here',
  },

  async run(say, flags) {
    const seeds = Number(flags['seeds'] ?? 20);
    if (!Number.isInteger(seeds) || seeds < 1)
      throw new UsageError(`--seeds: ${flags['seeds']} is no number of runs`);
    const minutes = Number(flags['minutes'] ?? Infinity);
    if (!(minutes > 0)) throw new UsageError(`--minutes: ${flags['minutes']} is no length of time`);
    const chosenParts = chosen('parts', flags['parts'], parts);
    const names = chosen('problems', flags['problems'], [
      ...new Set(searchCases.map(({ problem }) => problem)),
    ]);
    const cases = searchCases.filter(
      ({ part, problem }) => chosenParts.includes(part) && names.includes(problem),
    );
    const all = ['auto', ...availableSamplers.filter((name) => name !== 'grid' && name !== 'pbt')];
    const samplers = flags['samplers'] === undefined ? undefined : chosen('samplers', flags['samplers'], all);
    const stop = Number.isFinite(minutes)
      ? AbortSignal.timeout(minutes * 60_000)
      : new AbortController().signal;
    const results = new Results(join(root, 'build', 'bench-search.jsonl'), root, seeds, say);

    const python = flags['python'] ?? peerPython('optuna-search', ['optuna', 'cmaes', 'scipy'], say);
    const peer = python === undefined ? undefined : peerSamplers(python);
    const peers = flags['peers']?.split(',');
    const peerRuns = peer && peerRunsOf(cases, peer, peers, seeds);
    await results.makeOurs(
      cases.flatMap((entry) => runsOf(entry, samplers, seeds)),
      stop,
    );
    if (python !== undefined && peer && peerRuns) await results.makePeers(python, peer, peerRuns, stop);

    return {
      benchmark: 'search',
      rows: cases.flatMap((entry) => rowsOf(entry, samplersOf(entry, samplers), peer, results)),
      notes: [
        `medians of ${seeds} seeds; log10 regret: of best value - optimum, floored at -12; hypervolume: reference point (1.1, 10)`,
        'ratio: how many times nearer to the optimum; reach: the best column of the published table (Optuna 3.1.0)',
        `16 workers: how much of the regret of random search they remove, as a part of what one worker removes; reach ${parallelPart}`,
        'noise: regret of the recommended configuration, without the noise; Optuna recommends the best value it was told',
        ...(stop.aborted
          ? [`cut short after ${minutes} minutes: rows have the seeds so far; call again to go on`]
          : []),
        ...(peer
          ? [
              `peer: the best of Optuna ${peer.version}'s samplers on that row (${peer.single.join(', ')}; several objectives: ${peer.several.join(', ')})`,
              ...(peer.single.includes('GP')
                ? []
                : ['its GPSampler is left out: it needs PyTorch (--python)']),
              ...cases.flatMap((entry) => peerNote(entry, peer, results)),
            ]
          : ['no peer: Python or its package index is out of reach']),
      ],
    };
  },
};

function chosen<T extends string>(flag: string, given: string | undefined, all: readonly T[]): readonly T[] {
  if (given === undefined) return all;
  const names = given.split(',');
  const unknown = names.find((name) => !all.some((known) => known === name));
  if (unknown !== undefined)
    throw new UsageError(`--${flag}: there is no ${unknown}; there are ${all.join(', ')}`);
  return all.filter((name) => names.includes(name));
}

function samplersOf({ part }: SearchCase, asked: readonly string[] | undefined): readonly string[] {
  if (asked) return asked;
  return part === 'quality' || part === 'fronts' ? ['auto', 'tpe', 'random'] : ['auto'];
}

function runsOf(entry: SearchCase, asked: readonly string[] | undefined, seeds: number): SearchTask[] {
  return samplersOf(entry, asked).flatMap((sampler) =>
    Array.from({ length: seeds }, (_, i) => ({ case: entry.name, sampler, seed: i + 1 })),
  );
}

function peerRunsOf(
  cases: readonly SearchCase[],
  peer: PeerSamplers,
  asked: readonly string[] | undefined,
  seeds: number,
): PeerRun[] {
  return cases
    .filter(({ part }) => part !== 'parallel')
    .flatMap((entry) =>
      (entry.objectives > 1 ? peer.several : peer.single)
        .filter((sampler) => asked === undefined || asked.includes(sampler))
        .flatMap((sampler) =>
          Array.from({ length: seeds }, (_, i) => ({ case: entry, sampler, seed: i + 1 })),
        ),
    );
}

/** The peer's samplers on this case, with the medians of each: none in parallel, where we compare with ourselves. */
function peerMedians(entry: SearchCase, peer: PeerSamplers, results: Results): [string, readonly number[]][] {
  if (entry.part === 'parallel') return [];
  return (entry.objectives > 1 ? peer.several : peer.single).flatMap((sampler) => {
    const medians = results.medians(peer.version, entry, sampler);
    return medians ? [[sampler, medians] satisfies [string, readonly number[]]] : [];
  });
}

function rowsOf(
  entry: SearchCase,
  samplers: readonly string[],
  peer: PeerSamplers | undefined,
  results: Results,
): BenchmarkRow[] {
  return samplers.flatMap((sampler) => {
    const medians = results.medians('ours', entry, sampler);
    if (!medians) return [];
    if (entry.part === 'parallel') return parallelRow(entry, sampler, medians[0] ?? NaN, results);
    const peers = peer ? peerMedians(entry, peer, results) : [];
    return entry.marks.map((mark, i): BenchmarkRow => {
      const ours = medians[i] ?? NaN;
      const others = peers.map(([, values]) => values[i] ?? NaN);
      const best = entry.better === 'lower' ? Math.min(...others) : Math.max(...others);
      const reach = entry.published?.[i];
      return {
        what: `${entry.name}, ${mark} trials, ${sampler}`,
        unit: entry.unit,
        ours: rounded(ours),
        ...(others.length > 0 && { peer: rounded(best), ratio: timesNearer(entry, ours, best) }),
        ...(reach !== undefined && { reach, met: entry.better === 'lower' ? ours < reach : ours > reach }),
      };
    });
  });
}

function timesNearer({ better, optimum }: SearchCase, ours: number, peer: number): number {
  return better === 'lower' ? rounded(10 ** (peer - ours)) : rounded((optimum - peer) / (optimum - ours));
}

/** How much of random search's regret several workers remove, as a part of what one removes with as many trials. */
function parallelRow(entry: SearchCase, sampler: string, parallel: number, results: Results): BenchmarkRow[] {
  const alone = searchCases.find(({ part, problem }) => part === 'quality' && problem === entry.problem);
  const one = alone && results.medians('ours', alone, sampler)?.at(-1);
  const random = alone && results.medians('ours', alone, 'random')?.at(-1);
  if (one === undefined || random === undefined) return [];
  const removed = (regret: number): number => 1 - 10 ** (regret - random);
  const ours = rounded(removed(parallel) / removed(one));
  return [
    {
      what: `${entry.name}, ${entry.marks.at(-1)} trials, ${sampler}: ${parallel.toFixed(2)}, alone ${one.toFixed(2)}`,
      unit: 'part of one',
      ours,
      reach: parallelPart,
      met: ours >= parallelPart,
    },
  ];
}

function peerNote(entry: SearchCase, peer: PeerSamplers, results: Results): string[] {
  const medians = peerMedians(entry, peer, results);
  if (medians.length === 0) return [];
  const figures = medians.map(([sampler, values]) => `${sampler} ${shown(values)}`).join(', ');
  return [`Optuna on ${entry.name} (${entry.marks.join(' / ')} trials): ${figures}`];
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
