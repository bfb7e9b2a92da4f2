import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { largestDifference } from './reference.js';

beforeAll(() => openBackend({ backend: 'wasm', kernels: 'auto' }));

/** Runs it on both backends, checks that it leaves no tensors behind, and compares. */
async function expectEqualOnBoth(compute: () => tf.Tensor | tf.Tensor[]): Promise<void> {
  const results: { shape: number[]; values: Float32Array }[][] = [];
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const before = tf.memory().numTensors;
    const tensors = [tf.tidy(compute)].flat();
    results.push(
      tensors.map((tensor) => ({ shape: tensor.shape, values: tensor.dataSync<'float32'>().slice() })),
    );
    tf.dispose(tensors);
    expect(tf.memory().numTensors).toBe(before);
  }
  const [cpu, wasm] = results as [(typeof results)[0], (typeof results)[0]];
  expect(wasm.map(({ shape }) => shape)).toEqual(cpu.map(({ shape }) => shape));
  wasm.forEach(({ values }, index) => {
    const scale = Math.max(1, ...cpu[index]!.values.map(Math.abs));
    expect(largestDifference(values, cpu[index]!.values)).toBeLessThan(1e-5 * scale);
  });
}

const numbers = (shape: number[]): tf.Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + 3 * i)),
    shape,
  );
const length = fc.integer({ min: 1, max: 9 });
const shapes = fc.array(length, { minLength: 1, maxLength: 5 });
const runs = { numRuns: 60 };

describe('wasm kernels - equal the cpu backend', () => {
  test('slice', async () => {
    const boxes = fc.array(
      fc.tuple(length, fc.nat(20), fc.nat(20)).map(([size, a, b]) => {
        const begin = a % size;
        return { size, begin, length: b % (size - begin + 1) };
      }),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(boxes, (box) =>
        expectEqualOnBoth(() =>
          tf.slice(
            numbers(box.map(({ size }) => size)),
            box.map(({ begin }) => begin),
            box.map((axis) => axis.length),
          ),
        ),
      ),
      runs,
    );
  });

  test('split', async () => {
    await fc.assert(
      fc.asyncProperty(
        shapes,
        fc.nat(4),
        fc.array(length, { minLength: 1, maxLength: 4 }),
        (shape, axis, parts) => {
          const along = axis % shape.length;
          const total = parts.reduce((a, b) => a + b, 0);
          return expectEqualOnBoth(() => tf.split(numbers(shape.with(along, total)), parts, along));
        },
      ),
      runs,
    );
  });

  test('unstack', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: -5, max: 4 }), (shape, axis) => {
        const along = axis < 0 ? -1 - ((-1 - axis) % shape.length) : axis % shape.length;
        return expectEqualOnBoth(() => tf.unstack(numbers(shape), along));
      }),
      runs,
    );
  });

  test('products, transposed, stacked and broadcast', async () => {
    const counts = fc.constantFrom([1, 1], [3, 3], [1, 3], [3, 1]);
    await fc.assert(
      fc.asyncProperty(
        counts,
        fc.tuple(length, length, length),
        fc.boolean(),
        fc.boolean(),
        ([countA, countB], [m, k, n], transposeA, transposeB) =>
          expectEqualOnBoth(() =>
            tf.matMul(
              numbers(transposeA ? [countA, k, m] : [countA, m, k]),
              numbers(transposeB ? [countB, n, k] : [countB, k, n]),
              transposeA,
              transposeB,
            ),
          ),
      ),
      runs,
    );
  });

  test('products of stacks that do not go together are refused', async () => {
    for (const backend of ['cpu', 'wasm']) {
      await tf.setBackend(backend);
      const multiply = (): tf.Tensor => tf.tidy(() => tf.matMul(numbers([2, 4, 4]), numbers([3, 4, 4])));
      expect(multiply, backend).toThrow(/2 and 3/);
    }
  });

  test('relu', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, (shape) => expectEqualOnBoth(() => tf.relu(numbers(shape)))),
      runs,
    );
  });

  test('relu leaves what is no number as it is, whatever its sign', async () => {
    await tf.setBackend('wasm');
    for (const bits of [0x7fc0_0000, -0x40_0000]) {
      const nan = new Float32Array(Int32Array.from({ length: 21 }, () => bits).buffer);
      expect([...tf.tidy(() => tf.relu(tf.tensor1d(nan))).dataSync()]).toEqual(Array(21).fill(NaN));
    }
  });

  test('products of other ranks', async () => {
    await expectEqualOnBoth(() => tf.matMul(numbers([4, 3]), numbers([3, 5])));
    await expectEqualOnBoth(() => tf.matMul(numbers([2, 3, 4, 3]), numbers([2, 3, 5, 3]), false, true));
  });

  test('sum over any axes', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.array(fc.nat(4), { maxLength: 5 }), fc.boolean(), (shape, some, keep) => {
        const axes = [...new Set(some.map((axis) => axis % shape.length))];
        return expectEqualOnBoth(() => tf.sum(numbers(shape), axes, keep));
      }),
      runs,
    );
  });

  test('identity shares the values, and either goes without the other', async () => {
    await tf.setBackend('wasm');
    const x = tf.tensor1d([1, 2, 3]);
    const y = x.clone();
    x.dispose();
    expect([...(await y.data())]).toEqual([1, 2, 3]);
    const buffers = tf.memory().numDataBuffers;
    y.dispose();
    expect(tf.memory().numDataBuffers).toBe(buffers - 1);
  });
});
