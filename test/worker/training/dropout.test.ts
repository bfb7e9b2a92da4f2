import { beforeAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { dropoutOf, type DropoutMember } from '../../../src/worker/training/dropout.js';
import * as tf from '../../../src/worker/training/tfjs.js';

beforeAll(() => openBackend({ backend: 'wasm', kernels: 'auto' }));

const members: DropoutMember[] = [
  { seed: 1, rates: [0.25, 0.5], step: 3 },
  { seed: 2, rates: [0.4, 0], step: 3 },
];

/** The mask of each member, [K, ...] of ones. */
const masks = async (of: readonly DropoutMember[], layer: number, shape = [101, 33]): Promise<number[][]> => {
  const x = dropoutOf(of)(tf.ones([of.length, ...shape]), layer);
  return (await tf.reshape(x, [of.length, -1]).array()) as number[][];
};

describe('dropout - masks', () => {
  test.each([
    [0, 0, 0.25],
    [0, 1, 0.4],
    [1, 0, 0.5],
    [1, 1, 0],
  ])('layer %i of member %i drops %f of the values and scales the others', async (layer, member, rate) => {
    const values = (await masks(members, layer))[member]!;
    const kept = values.filter((value) => value !== 0);
    for (const value of kept) expect(value).toBeCloseTo(1 / (1 - rate), 5);
    // Within four standard deviations.
    const spread = 4 * Math.sqrt((rate * (1 - rate)) / values.length);
    expect(Math.abs(1 - kept.length / values.length - rate)).toBeLessThanOrEqual(spread);
  });

  test('are the same alone and packed', async () => {
    const packed = await masks(members, 0);
    for (const [index, member] of members.entries())
      expect(await masks([member], 0)).toEqual([packed[index]]);
  });

  test.each([
    ['seed', { seed: 9 }, 0],
    ['step', { step: 4 }, 0],
    ['layer', {}, 1],
  ])('are others with another %s', async (_, change, layer) => {
    const member = { seed: 1, rates: [0.5, 0.5], step: 3 };
    const [one] = await masks([member], 0);
    const [other] = await masks([{ ...member, ...change }], layer);
    const equal = one!.filter((value, index) => value === other![index]).length / one!.length;
    expect(Math.abs(equal - 0.5)).toBeLessThan(0.05);
  });

  test('rate 0 gives x itself', () => {
    const x = tf.ones([1, 4]);
    expect(dropoutOf([{ seed: 1, rates: [0], step: 0 }])(x, 0)).toBe(x);
    expect(dropoutOf([{ seed: 1, rates: [], step: 0 }])(x, 0)).toBe(x);
  });

  test.each([
    [1, 5, 7, 3],
    [4, 5, 3, 2],
    [3, 6, 4, 4],
  ])(
    'parts of a batch are dropped what the whole is: [%i, %i, %i], %i rows at once',
    async (t, b, h, rows) => {
      const whole = dropoutOf(members)(tf.ones([members.length, t, b, h]), 0);
      const parts: tf.Tensor[] = [];
      for (let first = 0; first < b; first += rows) {
        const ones = tf.ones([members.length, t, Math.min(rows, b - first), h]);
        parts.push(dropoutOf(members, { first, of: b })(ones, 0));
      }
      expect(await tf.concat(parts, 2).array()).toEqual(await whole.array());
    },
  );

  test('gradients pass where values were kept, scaled alike', async () => {
    const mask = (await masks([members[0]!], 0, [8]))[0]!;
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(dropoutOf([members[0]!])(x, 0)))(tf.ones([1, 8]));
    expect([...(await gradient.data())]).toEqual(mask);
  });
});
