import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createRandom } from '../../../src/sweep/random.js';
import type { TrainingData } from '../../../src/worker/datasets/training-data.js';
import { OutOfMemoryError } from '../../../src/worker/trainables/trainable.js';
import type { Architecture } from '../../../src/worker/training/architecture.js';
import { convLstm } from '../../../src/worker/training/architectures/conv-lstm.js';
import { gruTwoStage } from '../../../src/worker/training/architectures/gru-two-stage.js';
import { lstmDropout } from '../../../src/worker/training/architectures/lstm-dropout.js';
import { lstmStacked } from '../../../src/worker/training/architectures/lstm-stacked.js';
import type { TrainingBackend } from '../../../src/worker/training/backends/backend.js';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { measurePackSpeed } from '../../../src/worker/training/pack-speed.js';
import {
  trainPack,
  type TrainingMember,
  type TrainingOptions,
} from '../../../src/worker/training/train-pack.js';
import * as tf from '../../../src/worker/training/tfjs.js';

let backend: TrainingBackend;
beforeAll(async () => {
  backend = await openBackend({ backend: 'wasm', kernels: 'auto' });
});

const [steps, channels, count, inputs, classes] = [4, 3, 6, 3, 6] as const;
const examples = {
  count,
  values: Float32Array.from({ length: steps * count * channels }, (_, i) => Math.sin(i)),
  labels: Uint8Array.from({ length: count }, (_, i) => i % classes),
};
const data: TrainingData = {
  name: 'waves',
  steps,
  channels,
  classes: ['a', 'b', 'c', 'd', 'e', 'f'],
  train: examples,
  selection: examples,
  test: examples,
};
const options: TrainingOptions = { optimizer: 'adam', batchSize: 6, shuffle: true, evaluateEvery: 1 };
const settings = { learningRate: 0.01, l2: 0.001, dropouts: [0.2, 0.2] };
const silent = { afterPass: () => undefined, ended: () => undefined, diverged: () => undefined };

function members(): TrainingMember[] {
  const { signal } = new AbortController();
  return [1, 2].map((seed) => ({ ...settings, random: createRandom(seed), signal }));
}

const stacked = { inputs, units: 3, layers: 2, passes: 1, inputActivation: 'relu', outputMean: 0 } as const;
const convolution = { inputs, classes, filters: 2, kernelSize: 3, units: 3, layers: 2, denseUnits: 3 };
/** With how many allocations more it is tried each time. */
const architectures: [string, Architecture, number][] = [
  ['two-stage GRU', gruTwoStage({ inputs, units: 3, passes: 1 }), 13],
  ['bidirectional residual LSTM', lstmStacked({ ...stacked, bidirectional: true, residual: true }), 1],
  ['convolution and LSTM', convLstm({ ...convolution, passes: 1 }), 1],
];

/** Lets the backend give memory so many times, and then never again; what else asks for it has to do without. */
function limitAllocations(): (left: number) => void {
  const { wasm } = tf.backend() as unknown as { wasm: { _malloc: (bytes: number) => number } };
  const allocate = wasm._malloc;
  let given = Infinity;
  wasm._malloc = (bytes) => {
    if (--given < 0) throw new OutOfMemoryError('no room');
    return allocate(bytes);
  };
  onTestFinished(() => {
    wasm._malloc = allocate;
  });
  return (left) => (given = left);
}

const held = (): number[] => [tf.memory().numTensors, (tf.backend() as BackendWasm).numDataIds()];

/** Runs it with ever more allocations, from none on, until it gets through. @returns how many it takes, about */
async function starve(stride: number, work: () => Promise<unknown>): Promise<number> {
  const limit = limitAllocations();
  const before = held();
  for (let left = 0; ; left += stride) {
    limit(left);
    const failed = await work().then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof OutOfMemoryError)) throw error;
        return true;
      },
    );
    limit(Infinity);
    expect(held(), `with ${left} allocations`).toEqual(before);
    if (!failed) return left;
  }
}

describe.each(architectures)('where memory runs out - %s', (_, architecture, stride) => {
  test('wherever that happens, training leaves nothing behind', async () => {
    const train = (): Promise<void> => trainPack(architecture, data, members(), options, silent);
    expect(await starve(7 * stride, train)).toBeGreaterThan(100);
  });

  test('nor with batches in parts', async () => {
    const inParts = { ...options, windowsAtOnce: 3 };
    await starve(stride, () => trainPack(architecture, data, members(), inParts, silent));
  });

  test('nor does the search for the size of packs', async () => {
    await starve(5, () => measurePackSpeed(architecture, data, settings, options, 2, backend, 0));
  });
});

test('where memory runs out - a checkpoint of another model leaves nothing behind either', async () => {
  const architecture = lstmDropout({ inputs, classes, units: [3], passes: 1 });
  const state = { pass: 0, batches: 0, steps: 0, seconds: 0, stopping: undefined };
  const resume = { ...state, weights: {}, optimizers: [] };
  const before = held();
  const resuming = members().map((member) => ({ ...member, resume }));
  await expect(trainPack(architecture, data, resuming, options, silent)).rejects.toThrow(/of another model/);
  expect(held()).toEqual(before);
});
