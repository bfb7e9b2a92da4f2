import { beforeAll, describe, expect, test } from 'vitest';
import { optimizerNames, type Constants, type OptimizerName } from '../../../src/sweep/har/optimizers.js';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { clipGradients, type ClippingOptions } from '../../../src/worker/training/clipping.js';
import { createOptimizer } from '../../../src/worker/training/optimizers.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { useKernels } from '../../../src/worker/training/kernels/recurrent.js';
import { largestDifference, reference, torchReference, wave } from './reference.js';

beforeAll(() => openBackend({ backend: 'wasm', kernels: 'auto' }));

/** Two members of three weights each. */
const start = (): tf.Variable => tf.variable(tf.tensor2d(wave(6, 5), [2, 3]));
const gradient = (step: number): tf.Tensor2D => tf.tensor2d(wave(6, 10 * step), [2, 3]);
const rates = [0.0025, 0.1];

const cases: [string, OptimizerName, Constants, readonly (readonly number[][])[]][] = [
  ['numpy', 'rmsprop', {}, reference.optimizers.rmsprop],
  ['numpy', 'adam', {}, reference.optimizers.adam],
  ...(
    [
      ['sgd', 'sgd', {}],
      ['sgd with momentum', 'sgd', { momentum: 0.9 }],
      ['rmsprop-keras', 'rmsprop-keras', {}],
      ['adamw', 'adamw', {}],
      ['adamw with its own constants', 'adamw', { beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0.3 }],
    ] as const
  ).map(([what, name, constants]): (typeof cases)[number] => [
    `PyTorch's ${what}`,
    name,
    constants,
    torchReference.optimizers[what]!,
  ]),
];

describe.each(cases)('optimizers - %s, %s with %j', (_, name, constants, expected) => {
  test('equals it after each of five steps, with a learning rate for each member', async () => {
    const w = start();
    const optimizer = createOptimizer(name, [constants, constants]);
    for (let step = 1; step <= 5; step++) {
      optimizer.apply({ w }, { w: gradient(step) }, rates);
      expect(largestDifference(await w.data(), expected[step - 1]!.flat())).toBeLessThan(1e-5);
    }
  });

  test('a member goes on alike after the other has left', async () => {
    const together = start();
    const optimizer = createOptimizer(name, [{ epsilon: 0.5, momentum: 0.5 }, constants]);
    optimizer.apply({ w: together }, { w: gradient(1) }, rates);
    const alone = tf.variable(tf.slice(together, [1, 0], [1, 3]));
    optimizer.keep([1]);
    optimizer.apply({ w: alone }, { w: tf.slice(gradient(2), [1, 0], [1, 3]) }, rates.slice(1));
    expect(largestDifference(await alone.data(), expected[1]![1]!)).toBeLessThan(1e-5);
  });
});

describe.each(optimizerNames)('optimizers - %s', (name) => {
  test.each([{}, { clipValue: 0.3 }, { clipNorm: 0.5 }, { clipValue: 0.4, clipNorm: 0.6 }])(
    'in one loop equals the operations of TensorFlow.js, with %j',
    async (clipping) => {
      const constants = [{}, { momentum: 0.5, decay: 0.8, beta1: 0.7, weightDecay: 0.1, epsilon: 1e-3 }];
      const ends: Float32Array[] = [];
      for (const kernels of ['auto', 'reference'] as const) {
        await useKernels(kernels);
        const [w, b] = [start(), tf.variable(tf.tensor(wave(8, 3), [2, 2, 2]))];
        const optimizer = createOptimizer(name, constants);
        for (let step = 0; step < 10; step++) {
          const gradients = { w: gradient(step), b: tf.tensor(wave(8, 7 * step), [2, 2, 2]) };
          optimizer.apply({ w, b }, gradients, [0.01, 0.02], clipping);
        }
        ends.push(Float32Array.of(...(await w.data()), ...(await b.data())));
      }
      await useKernels('auto');
      expect(ends[0]).not.toEqual(Float32Array.of(...wave(6, 5), ...wave(8, 3)));
      expect(largestDifference(ends[0]!, ends[1]!)).toBeLessThan(1e-6);
    },
  );

  test.each(['auto', 'reference'] as const)(
    "a gradient that is no number is its own member's alone, and is not clipped to one, with kernels %s",
    async (kernels) => {
      await useKernels(kernels);
      const w = start();
      const broken = tf.tensor2d([NaN, 1, 1, 1, 1, 1], [2, 3]);
      const optimizer = createOptimizer(name, [{}, {}]);
      optimizer.apply({ w }, { w: broken }, rates, { clipNorm: 1, clipValue: 2 });
      await useKernels('auto');
      const values = [...(await w.data())];
      expect(values.slice(0, 3)).toEqual([NaN, NaN, NaN]);
      expect(values.slice(3).every(Number.isFinite)).toBe(true);
    },
  );

  test.each(['auto', 'reference'] as const)(
    'what was taken from a weight stays as it was, with kernels %s',
    async (kernels) => {
      await useKernels(kernels);
      const w = start();
      const before = await w.data();
      const taken = tf.clone(w);
      createOptimizer(name, [{}, {}]).apply({ w }, { w: gradient(1) }, rates);
      await useKernels('auto');
      expect(await taken.data()).toEqual(before);
      expect(await w.data()).not.toEqual(before);
    },
  );

  test('leaves a weight without gradient alone, and no tensors behind', async () => {
    const [w, other] = [start(), start()];
    const before = await other.data();
    const tensors = tf.memory().numTensors;
    const optimizer = createOptimizer(name, [{}, {}]);
    const g = gradient(1);
    for (let step = 0; step < 3; step++) optimizer.apply({ w, other }, { w: g }, rates);
    g.dispose();
    optimizer.dispose();
    expect(await other.data()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

/** As `clipping` in torch-reference.py: two weights of two members, the second member's fifty times smaller. */
function gradients(): Record<string, tf.Tensor> {
  const shrink = (values: Float32Array): Float32Array =>
    values.map((value, i) => (4 * value) / (i < values.length / 2 ? 1 : 50));
  return {
    a: tf.tensor(shrink(wave(6, 1)), [2, 3]),
    b: tf.tensor(shrink(wave(8, 2)), [2, 2, 2]),
  };
}

test.each([
  ['norm', { clipNorm: 1 }],
  ['value', { clipValue: 0.7 }],
  ['both', { clipValue: 1.5, clipNorm: 1 }],
] as [keyof typeof torchReference.clipping, ClippingOptions][])(
  "clipping - by %s equals PyTorch's, by each member's own gradients",
  async (which, options) => {
    const clipped = clipGradients(gradients(), options);
    const expected = torchReference.clipping[which];
    for (const [weight, name] of ['a', 'b'].entries()) {
      const values = expected.flatMap((member) => member[weight]!);
      expect(largestDifference(await clipped[name]!.data(), values)).toBeLessThan(1e-6);
    }
  },
);

test('clipping - gradients of 0 stay 0', async () => {
  const { w } = clipGradients({ w: tf.zeros([2, 3]) }, { clipNorm: 1 });
  expect([...(await w!.data())]).toEqual([0, 0, 0, 0, 0, 0]);
});
