import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formPacks, type PackRules } from '../../../src/coordinator/packing/form-packs.js';

interface Item {
  readonly id: number;
  readonly key: string | undefined;
}

const sizes: Readonly<Record<string, number>> = { a: 1, b: 3, c: 8 };

const scene = fc.record({
  waiting: fc
    .array(fc.constantFrom('a', 'b', 'c', undefined), { maxLength: 60 })
    .map((keys) => keys.map((key, id): Item => ({ id, key }))),
  room: fc.nat(12),
  mostTrials: fc.oneof(fc.nat(20), fc.constant(Infinity)),
  more: fc.oneof(fc.nat(40), fc.constant(Infinity)),
});

function packed({
  waiting,
  ...rest
}: { waiting: Item[] } & Pick<PackRules<Item>, 'room' | 'mostTrials' | 'more'>): Item[][] {
  return formPacks(waiting, { ...rest, keyOf: ({ key }) => key, sizeOf: (key) => sizes[key] ?? 0 });
}

describe('formPacks', () => {
  it('formPacks - keeps every limit, and nobody is in two packs', () => {
    fc.assert(
      fc.property(scene, (given) => {
        const packs = packed(given);
        expect(packs.length).toBeLessThanOrEqual(given.room);
        const all = packs.flat();
        expect(new Set(all).size).toBe(all.length);
        expect(all.length).toBeLessThanOrEqual(given.mostTrials);
        for (const pack of packs) {
          const [first] = pack;
          expect(new Set(pack.map(({ key }) => key)).size).toBe(1);
          expect(pack.length).toBeLessThanOrEqual(first?.key === undefined ? 1 : (sizes[first.key] ?? 0));
        }
      }),
    );
  });

  it('formPacks - the longest waiting go first, and no slot stays empty while somebody waits', () => {
    fc.assert(
      fc.property(scene, (given) => {
        const packs = packed(given);
        const all = new Set(packs.flat());
        if (given.room > 0 && given.mostTrials > 0 && given.waiting[0])
          expect(packs[0]?.[0]).toBe(given.waiting[0]);
        for (const pack of packs) {
          const [first] = pack;
          // Who is passed over has another key than those before whom it waited, or its pack is full.
          for (const other of given.waiting)
            if (first && other.id < first.id) expect(all.has(other) || other.key === first.key).toBe(true);
        }
        const wanted = Math.min(given.room, given.mostTrials);
        const left = given.waiting.filter((item) => !all.has(item));
        if (left.length > 0 && packs.length < wanted) expect(all.size).toBe(given.mostTrials);
      }),
    );
  });

  it('formPacks - what is left is shared among the slots', () => {
    const waiting = Array.from({ length: 5 }, (_, id): Item => ({ id, key: 'c' }));
    const of = (rules: Partial<PackRules<Item>>): number[] =>
      packed({ waiting, room: 2, mostTrials: Infinity, more: 0, ...rules }).map(({ length }) => length);
    expect(of({})).toEqual([3, 2]);
    expect(of({ more: 100 })).toEqual([5]);
    expect(of({ more: 3 })).toEqual([4, 1]);
    expect(of({ room: 1 })).toEqual([5]);
    expect(of({ room: 9 })).toEqual([1, 1, 1, 1, 1]);
    expect(of({ mostTrials: 4 })).toEqual([3, 1]);
  });
});
