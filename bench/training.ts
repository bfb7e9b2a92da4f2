import { availableParallelism, loadavg } from 'node:os';
import { messageOf } from '../src/support/errors.js';
import type { Benchmark, BenchmarkRow } from './benchmark.js';
import { row, UsageError } from './benchmark.js';
import { peerPython, runPeer } from './peer-python.js';
import { measureThreads } from './training/threads.js';
import { workloads, type WorkloadName } from './training/workloads.js';

/** Whole training steps of two published models on all cores, one trial a thread, beside PyTorch. */

/** Samples a second to reach on two cores (DESIGN: three times PyTorch and more). */
const reaches: Record<WorkloadName, number> = { lstm: 9_000, gru: 45_000 };

/** Small batches are what packs are for. */
const batches = [undefined, 100, 20] as const;

const torch = ['torch==2.15.0'];

interface PeerResult {
  readonly version: string;
  readonly samplesPerSecond: number;
  readonly samplesPerProcessorSecond: number;
}

export const training: Benchmark = {
  name: 'training',
  about: 'whole training steps of LSTM model 2 and GRU model 1, all cores, beside PyTorch',
  flags: {
    seconds: 'how long each measurement lasts (default 8)',
    peer: 'no: leave PyTorch out',
    model: 'lstm or gru: that one alone',
    batches: 'published: leave the small batches out',
  },
  async run(say, flags) {
    const seconds = Number(flags.seconds ?? 8);
    if (!(seconds > 0)) throw new UsageError(`--seconds takes a positive number; it is ${flags.seconds}`);
    const cores = availableParallelism();
    const python = flags.peer === 'no' ? undefined : peerPython('torch', torch, say);
    const rows: BenchmarkRow[] = [];
    const notes = new Set([
      `Node ${process.version}, ${cores} cores; load before the start: ${loadavg()[0]!.toFixed(1)}`,
    ]);
    if (!python)
      notes.add(
        flags.peer === 'no' ? 'PyTorch was left out as asked' : 'PyTorch could not be installed here',
      );
    const names = (Object.keys(workloads) as WorkloadName[]).filter((name) => name === (flags.model ?? name));
    if (names.length === 0) throw new UsageError(`--model takes lstm or gru; it is ${flags.model}`);
    for (const name of names)
      for (const other of flags.batches === 'published' ? [undefined] : batches) {
        const batch = other ?? workloads[name].batch;
        const what = `${workloads[name].what}, batch ${batch}`;
        say(what);
        const ours = await measureThreads(name, { batch, threads: cores, seconds });
        notes.add(`ours: ${ours.device}`);
        const peer = python
          ? measurePeers(python, { name, batch, threads: other === undefined }, { cores, seconds }, notes)
          : undefined;
        const all = { what: `${what}, ${cores} threads`, unit: 'samples/s', ours: ours.samplesPerSecond };
        const reach = other === undefined && cores === 2 ? { reach: reaches[name] } : {};
        rows.push(row({ ...all, peer: peer?.samplesPerSecond, ...reach }, 'higher'));
        const one = `${what}, one core, by processor time`;
        const processor = { what: one, unit: 'samples/s', ours: ours.samplesPerProcessorSecond };
        rows.push(row({ ...processor, peer: peer?.samplesPerProcessorSecond }, 'higher'));
        for (const { unit, ours, peer } of rows.slice(-2))
          say(`  ${ours} ${unit}, PyTorch ${peer ?? 'not run'}`);
      }
    notes.add(`load at the end: ${loadavg()[0]!.toFixed(1)}`);
    return { benchmark: 'training', rows, notes: [...notes] };
  },
};

/**
 * PyTorch with one process a core of one thread each; with `threads`, also as one process with 1, 2, 4, ... threads. The
 * best counts.
 */
function measurePeers(
  python: string,
  { name, batch, threads }: { name: WorkloadName; batch: number; threads: boolean },
  { cores, seconds }: { cores: number; seconds: number },
  notes: Set<string>,
): PeerResult | undefined {
  const measure = (threads: number, processes: number): PeerResult => {
    const args = [name, batch, threads, processes, seconds].map(String);
    return runPeer(python, 'torch_training.py', args) as PeerResult;
  };
  try {
    const processes = measure(1, cores);
    const counts = threads ? [...new Set([1, ...powersOfTwo(cores), cores])] : [];
    const single = counts.map((count) => measure(count, 1));
    const figures = single.map(
      ({ samplesPerSecond }, i) => `, ${counts[i]} threads ${samplesPerSecond.toFixed(0)}`,
    );
    notes.add(
      `PyTorch ${processes.version}, ${name}, batch ${batch}: ` +
        `${cores} processes ${processes.samplesPerSecond.toFixed(0)}${figures.join('')}`,
    );
    const best = Math.max(...[processes, ...single].map((result) => result.samplesPerSecond));
    return { ...processes, samplesPerSecond: best };
  } catch (error) {
    notes.add(`PyTorch: ${messageOf(error)}`);
    return undefined;
  }
}

function powersOfTwo(most: number): number[] {
  return Array.from({ length: Math.floor(Math.log2(most)) }, (_, i) => 2 ** (i + 1));
}
