import { beforeAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { createOptimizer, optimizerNames } from '../../../src/worker/training/optimizers.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { largestDifference, reference, wave } from './reference.js';

beforeAll(() => openBackend({ backend: 'wasm', kernels: 'auto' }));

/** Two members of three weights each. */
const start = (): tf.Variable => tf.variable(tf.tensor2d(wave(6, 5), [2, 3]));
const gradient = (step: number): tf.Tensor2D => tf.tensor2d(wave(6, 10 * step), [2, 3]);
const rates = [0.0025, 0.1];

describe.each(optimizerNames)('optimizers - %s', (name) => {
  test('equals numpy after each of five steps, with a learning rate for each member', async () => {
    const w = start();
    const optimizer = createOptimizer(name, rates);
    for (let step = 1; step <= 5; step++) {
      optimizer.apply({ w }, { w: gradient(step) });
      const expected = reference.optimizers[name][step - 1]!.flat();
      expect(largestDifference(await w.data(), expected)).toBeLessThan(1e-5);
    }
  });

  test('a member goes on alike after the other has left', async () => {
    const together = start();
    const optimizer = createOptimizer(name, rates);
    optimizer.apply({ w: together }, { w: gradient(1) });
    const alone = tf.variable(tf.slice(together, [1, 0], [1, 3]));
    optimizer.keep([1]);
    optimizer.apply({ w: alone }, { w: tf.slice(gradient(2), [1, 0], [1, 3]) });
    const expected = reference.optimizers[name][1]![1]!;
    expect(largestDifference(await alone.data(), expected)).toBeLessThan(1e-5);
  });

  test('leaves a weight without gradient alone, and no tensors behind', async () => {
    const [w, other] = [start(), start()];
    const before = await other.data();
    const tensors = tf.memory().numTensors;
    const optimizer = createOptimizer(name, rates);
    const g = gradient(1);
    for (let step = 0; step < 3; step++) optimizer.apply({ w, other }, { w: g });
    g.dispose();
    optimizer.dispose();
    expect(await other.data()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
