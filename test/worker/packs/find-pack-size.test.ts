import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPackSize, inParts } from '../../../src/worker/packs/find-pack-size.js';

/** A machine on which a step costs `fixed` and each model `each`, so that packing pays as far as `fixed` weighs. */
function machine(fixed: number, each: number, bytesEach = 1) {
  const tried: number[] = [];
  const speed = (size: number): number => size / (fixed + size * each);
  const attempt = (size: number): Promise<{ samplesPerSecond: number; bytes: number }> => {
    tried.push(size);
    return Promise.resolve({ samplesPerSecond: speed(size), bytes: size * bytesEach });
  };
  return { tried, speed, attempt };
}

describe('findPackSize', () => {
  it('packs - one that gains less than a tenth is none', async () => {
    const { attempt, tried } = machine(1, 20);
    expect(await findPackSize(attempt, { most: 64, bytes: 1e9 })).toBe(1);
    expect(tried.length).toBeLessThan(4);
  });

  it('packs - the smallest within 5 % of the best', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.2, max: 100, noNaN: true }),
        fc.integer({ min: 1, max: 64 }),
        async (fixed, most) => {
          const { attempt, speed, tried } = machine(fixed, 1);
          const size = await findPackSize(attempt, { most, bytes: 1e9 });
          expect(size).toBeLessThanOrEqual(most);
          const best = Math.max(...tried.map(speed));
          if (best < 1.1 * speed(1)) expect(size).toBe(1);
          else {
            expect(speed(size)).toBeGreaterThanOrEqual(0.95 * best);
            if (size > 2) expect(speed(Math.floor(size * 0.8) - 1)).toBeLessThan(0.95 * best);
          }
          expect(tried.length).toBeLessThan(14);
        },
      ),
    );
  });

  it('packs - keep within the memory, without trying what would not fit', async () => {
    const { attempt, tried } = machine(100, 1, 10);
    const size = await findPackSize(attempt, { most: 64, bytes: 100 });
    expect(Math.max(...tried)).toBeLessThanOrEqual(10);
    expect(size).toBeLessThanOrEqual(10);
    expect(size).toBeGreaterThan(4);
  });

  it('packs - what can not be had ends the search', async () => {
    const { attempt } = machine(100, 1);
    const failing = (size: number): ReturnType<typeof attempt> | Promise<undefined> =>
      size > 8 ? Promise.resolve(undefined) : attempt(size);
    expect(await findPackSize(failing, { most: 64, bytes: 1e9 })).toBe(8);
  });

  it('packs - parts are even, and as few as can be', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.integer({ min: 1, max: 9 }), (members, size) => {
        const parts = inParts(members, size);
        expect(parts.flat()).toEqual(members);
        expect(parts.length).toBe(Math.ceil(members.length / size));
        const lengths = parts.map(({ length }) => length);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(size);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
