import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createRandom } from '../../src/sweep/random.js';
import type { Architecture } from '../../src/worker/training/architecture.js';
import { gruTwoStage } from '../../src/worker/training/architectures/gru-two-stage.js';
import { lstmStacked } from '../../src/worker/training/architectures/lstm-stacked.js';
import { openBackend } from '../../src/worker/training/backends/open-backend.js';
import * as tf from '../../src/worker/training/tfjs.js';
import { trainPack } from '../../src/worker/training/train-pack.js';
import type { TrainingData } from '../../src/worker/datasets/training-data.js';

/** What this thread holds after so many trials. */
export interface Held {
  readonly trials: number;
  readonly tensors: number;
  /** Of the WebAssembly memory in which tensors lie. */
  readonly wasmBytes: number;
  /** Of JavaScript, after collecting garbage. */
  readonly heapBytes: number;
  /** Of the process. Garbage is collected on the way, or that of a process in no hurry would count. */
  readonly residentBytes: number;
}

const COLLECT_EVERY = 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const [windows, steps, channels, batch] = [36, 16, 3, 12] as const;

/** Widths and batches differ between trials, as in a sweep: what a trial leaves must not depend on the one before. */
const widths = [8, 13, 16, 24];

/**
 * Trains many short trials one after the other in this thread, as a slot of a worker does.
 * @param at after how many trials to look, ascending; the last one ends it
 */
export async function trainShortTrials(at: readonly number[]): Promise<Held[]> {
  await openBackend({ backend: 'wasm', kernels: 'auto' });
  const data = smallData();
  const held: Held[] = [];
  for (let trial = 1; trial <= at.at(-1)!; trial++) {
    const units = widths[trial % widths.length]!;
    const architecture: Architecture =
      trial % 2 === 0
        ? gruTwoStage({ inputs: channels, units, passes: 1 })
        : lstmStacked({
            ...{ inputs: channels, units, layers: 2, passes: 2 },
            ...{ inputActivation: 'relu', outputMean: 0 },
          });
    const member = {
      ...{ learningRate: 0.01, l2: 0.001, random: createRandom(trial) },
      signal: new AbortController().signal,
    };
    const optimizer = trial % 3 === 0 ? 'rmsprop' : 'adam';
    await trainPack(
      architecture,
      data,
      [member],
      { optimizer, batchSize: batch, shuffle: true, evaluateEvery: 1 },
      { afterPass: () => undefined, ended: () => undefined, diverged: () => undefined },
    );
    if (trial % COLLECT_EVERY === 0) collect();
    if (at.includes(trial)) held.push(now(trial));
  }
  return held;
}

function now(trials: number): Held {
  collect();
  const { wasm } = tf.backend() as unknown as { readonly wasm: { readonly HEAPU8: Uint8Array } };
  return {
    trials,
    tensors: tf.memory().numTensors,
    wasmBytes: wasm.HEAPU8.buffer.byteLength,
    heapBytes: process.memoryUsage().heapUsed,
    residentBytes: process.memoryUsage.rss(),
  };
}

function smallData(): TrainingData {
  const examples = {
    count: windows,
    values: Float32Array.from({ length: steps * windows * channels }, (_, index) => Math.sin(index)),
    labels: Uint8Array.from({ length: windows }, (_, index) => index % 6),
  };
  return {
    ...{ name: 'waves', steps, channels, classes: ['a', 'b', 'c', 'd', 'e', 'f'] },
    ...{ train: examples, selection: examples, test: examples },
  };
}
