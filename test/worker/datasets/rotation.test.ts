import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rotateToCanonicalFrame } from '../../../src/worker/datasets/rotation.js';
import { largestDifference, reference } from '../training/reference.js';

function rotated(window: readonly number[]): Float64Array {
  const copy = Float64Array.from(window);
  rotateToCanonicalFrame(copy);
  return copy;
}

const column = (window: Float64Array, axis: number): number[] =>
  [...window].filter((_, index) => index % 3 === axis);
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe('canonical rotation', () => {
  test.each(reference.rotations.map((one, index) => [index, one] as const))(
    'equals numpy, case %i',
    (_, { window, rotated: expected }) => {
      expect(largestDifference(rotated(window), expected)).toBeLessThan(1e-12);
    },
  );

  const windows = fc
    .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 12, maxLength: 60 })
    .map((values) => values.slice(0, values.length - (values.length % 3)));

  test('gravity lies along axis 0, the rest is centred and uncorrelated, the larger variance first', () => {
    fc.assert(
      fc.property(windows, (window) => {
        const out = rotated(window);
        const [x, y, z] = [0, 1, 2].map((axis) => column(out, axis)) as [number[], number[], number[]];
        expect(mean(x)).toBeGreaterThanOrEqual(0);
        expect(mean(y)).toBeCloseTo(0, 9);
        expect(mean(z)).toBeCloseTo(0, 9);
        expect(mean(y.map((value, i) => value * z[i]!))).toBeCloseTo(0, 9);
        expect(mean(y.map((value) => value * value))).toBeGreaterThanOrEqual(
          mean(z.map((value) => value * value)) - 1e-9,
        );
      }),
    );
  });

  test('keeps lengths apart from the centring: the sum of squares is that of the window', () => {
    fc.assert(
      fc.property(windows, (window) => {
        const squares = (values: Iterable<number>): number => [...values].reduce((sum, v) => sum + v * v, 0);
        expect(squares(rotated(window))).toBeCloseTo(squares(window), 9);
      }),
    );
  });

  test('survives a window that is 0 or does not move', () => {
    expect([...rotated(new Array<number>(12).fill(0))].every((value) => value === 0)).toBe(true);
    const still = rotated([0.1, 0.2, -0.9, 0.1, 0.2, -0.9]);
    expect(still[0]).toBeCloseTo(Math.hypot(0.1, 0.2, 0.9), 12);
    expect(largestDifference(still.subarray(1, 3), [0, 0])).toBeLessThan(1e-12);
  });
});
