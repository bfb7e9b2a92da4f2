import type { Benchmark } from './benchmark.js';
import { row } from './benchmark.js';
import { trainShortTrials, type Held } from './training/short-trials.js';

/** From here on a thread has all that it keeps: compiled code, buffers, what TensorFlow.js makes once. */
const SETTLED = 200;

const MEBI = 2 ** 20;

export const trainingMemory: Benchmark = {
  name: 'training-memory',
  about: 'what a thread holds after 1,000 short trials more than after 200',
  async run() {
    const [before, after] = await trainShortTrials([SETTLED, SETTLED + 1000]);
    const grown = (name: Exclude<keyof Held, 'trials'>): number => after![name] - before![name];
    return {
      benchmark: 'training-memory',
      rows: [
        row({ what: 'tensors more', unit: 'tensors', ours: grown('tensors'), reach: 0 }, 'lower'),
        row(
          { what: 'heap of JavaScript more', unit: 'MiB', ours: grown('heapBytes') / MEBI, reach: 1 },
          'lower',
        ),
        row(
          { what: 'WebAssembly memory more', unit: 'MiB', ours: grown('wasmBytes') / MEBI, reach: 0 },
          'lower',
        ),
        row(
          { what: 'resident memory more', unit: 'MiB', ours: grown('residentBytes') / MEBI, reach: 16 },
          'lower',
        ),
      ],
      notes: [
        `Node ${process.version}; after ${SETTLED} trials: ${before!.tensors} tensors, ` +
          `${before!.wasmBytes / MEBI} MiB WebAssembly, ${Math.round(before!.residentBytes / MEBI)} MiB resident`,
      ],
    };
  },
};
