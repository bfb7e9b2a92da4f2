import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairShares, Served, type Claimant } from '../../../src/coordinator/serve/fair-shares.js';

function sweep(id: string, more: Partial<Claimant> = {}): Claimant {
  return { id, weight: 1, demand: Infinity, served: 0, ...more };
}

function shares(slots: number, ...claimants: Claimant[]): Record<string, number> {
  return Object.fromEntries(fairShares(slots, claimants));
}

describe('fair shares', () => {
  it('fair shares - two sweeps share by weight, and one alone has all', () => {
    expect(shares(2, sweep('a'), sweep('b'))).toEqual({ a: 1, b: 1 });
    expect(shares(8, sweep('a', { weight: 3 }), sweep('b'))).toEqual({ a: 6, b: 2 });
    expect(shares(5, sweep('a'))).toEqual({ a: 5 });
    expect(shares(5)).toEqual({});
  });

  it('fair shares - what one can not use goes to the others', () => {
    expect(shares(9, sweep('a', { demand: 1 }), sweep('b'), sweep('c'))).toEqual({ a: 1, b: 4, c: 4 });
    expect(
      shares(9, sweep('a', { demand: 1 }), sweep('b', { demand: 0 }), sweep('c', { demand: 2 })),
    ).toEqual({
      a: 1,
      b: 0,
      c: 2,
    });
  });

  it('fair shares - what is left of whole slots goes to who had least', () => {
    expect(shares(3, sweep('a', { served: 10 }), sweep('b', { served: 5 }))).toEqual({ a: 1, b: 2 });
    expect(
      shares(1, sweep('a', { served: 2 }), sweep('b', { served: 1 }), sweep('c', { served: 3 })),
    ).toEqual({
      a: 0,
      b: 1,
      c: 0,
    });
  });

  it('fair shares - use all that is wanted and no more, whole, and give no one more than it wants', () => {
    const claimants = fc.uniqueArray(
      fc.record({
        id: fc.string({ minLength: 1, maxLength: 4 }),
        weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
        demand: fc.oneof(fc.nat(30), fc.constant(Infinity)),
        served: fc.double({ min: 0, max: 1e6, noNaN: true }),
      }),
      { selector: ({ id }) => id, maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.nat(200), claimants, (slots, list) => {
        const given = fairShares(slots, list);
        const all = [...given.values()].reduce((sum, share) => sum + share, 0);
        expect(all).toBe(
          Math.min(
            slots,
            list.reduce((sum, { demand }) => sum + demand, 0),
          ),
        );
        for (const { id, demand } of list) {
          const share = given.get(id) ?? NaN;
          expect(Number.isInteger(share)).toBe(true);
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(demand);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('fair shares - over time five sweeps on two slots have the same, and who comes late does not take all', () => {
    const served = new Served();
    const had = new Map<string, number>();
    const use = new Map<string, number>();
    for (let second = 0; second < 1_000; second++) {
      const ids = ['a', 'b', 'c', 'd', ...(second >= 500 ? ['late'] : [])];
      const users = ids.map((id) => ({ id, weight: 1, demand: Infinity, use: use.get(id) ?? 0 }));
      for (const [id, share] of fairShares(2, served.count(users, second * 1_000))) {
        use.set(id, share);
        had.set(id, (had.get(id) ?? 0) + share);
      }
    }
    for (const id of ['a', 'b', 'c', 'd']) expect(had.get(id)).toBeGreaterThan(440);
    expect(had.get('late')).toBeGreaterThan(190);
    expect(had.get('late')).toBeLessThan(210);
  });
});
