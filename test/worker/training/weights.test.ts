import { beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/sweep/random.js';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import {
  columns,
  constant,
  countParameters,
  createWeights,
  glorotUniform,
  keepMembers,
  normal,
  orthogonalRows,
} from '../../../src/worker/training/weights.js';

beforeAll(() => openBackend({ backend: 'wasm', kernels: 'auto' }));

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('weights - first values', () => {
  test('glorotUniform stays within its limit and fills it', () => {
    const values = glorotUniform(10, 14)(10_000, createRandom(1));
    const limit = Math.sqrt(6 / 24);
    expect(Math.max(...values)).toBeLessThanOrEqual(limit);
    expect(Math.max(...values)).toBeGreaterThan(0.99 * limit);
    expect(Math.min(...values)).toBeLessThan(-0.99 * limit);
    expect(Math.abs(mean(values))).toBeLessThan(0.01);
  });

  test('normal has its mean and deviation', () => {
    const values = normal(1, 0.5)(10_000, createRandom(2));
    expect(mean(values)).toBeCloseTo(1, 1);
    expect(Math.sqrt(mean(values.map((value) => (value - 1) ** 2)))).toBeCloseTo(0.5, 1);
  });

  test('orthogonalRows have length 1 and right angles', () => {
    const [rows, width] = [16, 64];
    const values = orthogonalRows(rows)(rows * width, createRandom(5));
    for (let a = 0; a < rows; a++)
      for (let b = 0; b <= a; b++) {
        let product = 0;
        for (let i = 0; i < width; i++) product += values[a * width + i]! * values[b * width + i]!;
        expect(product).toBeCloseTo(a === b ? 1 : 0, 6);
      }
    // Every direction is as likely as any other: no column stands out.
    expect(Math.abs(mean(values))).toBeLessThan(0.02);
  });

  test('columns puts each part into its columns', () => {
    const values = columns([2, constant(1)], [1, constant(7)])(6, createRandom(3));
    expect([...values]).toEqual([1, 1, 7, 1, 1, 7]);
  });

  test("a member's values are the same alone and packed", async () => {
    const specs = {
      kernel: { shape: [2, 3], initial: normal(0, 1) },
      bias: { shape: [3], initial: glorotUniform(2, 3) },
    };
    const packed = createWeights(specs, [createRandom(1), createRandom(2)]);
    const alone = createWeights(specs, [createRandom(2)]);
    expect(packed['kernel']!.shape).toEqual([2, 2, 3]);
    for (const name of ['kernel', 'bias']) {
      const both = await packed[name]!.data();
      expect([...both.subarray(both.length / 2)]).toEqual([...(await alone[name]!.data())]);
    }
    const kept = keepMembers(packed['bias']!, [1]);
    expect([...(await kept.data())]).toEqual([...(await alone['bias']!.data())]);
  });

  test('countParameters counts those of one model', () => {
    const initial = constant(0);
    expect(countParameters({ a: { shape: [2, 3], initial }, b: { shape: [4], initial } })).toBe(10);
  });
});
