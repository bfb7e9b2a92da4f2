import { describe, expect, it } from 'vitest';
import { SobolSequence, sobolWord } from '../../../src/coordinator/search/sobol/sobol-sequence.js';
import { compileSpace } from '../../../src/sweep/space.js';
import { sweepOver } from '../definitions.js';
import { Searching } from './run-samplers.js';

const sobol = 'search: { sampler: sobol, trials: 9999, seed: 3 }';

/** Warnock's formula for the squared L2 star discrepancy of points in the unit cube. */
function discrepancy(points: readonly (readonly number[])[]): number {
  const n = points.length;
  const d = points[0]?.length ?? 0;
  let single = 0;
  let pairs = 0;
  for (const a of points) {
    single += a.reduce((product, x) => product * (1 - x * x), 1);
    for (const b of points) pairs += a.reduce((product, x, j) => product * (1 - Math.max(x, b[j] ?? 0)), 1);
  }
  return 3 ** -d - (2 ** (1 - d) / n) * single + pairs / n ** 2;
}

describe('search - the Sobol sequence', () => {
  it('sobol - the words of the plain sequence are those of scipy 1.17.1', () => {
    const axes = [0, 1, 2, 7, 40, 127];
    const expected: [index: number, words: number[]][] = [
      [1, [2147483648, 2147483648, 2147483648, 2147483648, 2147483648, 2147483648]],
      [5, [2684354560, 536870912, 3758096384, 536870912, 2684354560, 3758096384]],
      [77, [2986344448, 2046820352, 4261412864, 1644167168, 2650800128, 1845493760]],
      [1000, [398458880, 692060160, 1933574144, 2747269120, 2755657728, 650117120]],
    ];
    for (const [index, words] of expected) expect(axes.map((axis) => sobolWord(index, axis))).toEqual(words);
  });

  it('sobol - every aligned block of 2^k points has one in each of 2^k parts of every axis', () => {
    const sequence = new SobolSequence(300, 5);
    for (const [from, count] of [
      [0, 64],
      [64, 64],
      [96, 32],
      [512, 256],
    ] as const) {
      const points = Array.from({ length: count }, (_, i) => sequence.point(from + i));
      for (let axis = 0; axis < 300; axis++) {
        expect(new Set(points.map((point) => Math.floor((point[axis] ?? 0) * count))).size).toBe(count);
      }
    }
  });

  it('sobol - scrambled, the first two axes are still a net: one point in each of 8 by 8 boxes', () => {
    for (const seed of [1, 2, 3, 4]) {
      const sequence = new SobolSequence(2, seed);
      const boxes = Array.from({ length: 64 }, (_, i) =>
        sequence
          .point(i)
          .map((x) => Math.floor(x * 8))
          .join(),
      );
      expect(new Set(boxes).size).toBe(64);
    }
  });

  it('sobol - fills six dimensions much more evenly than random points', () => {
    const ours = [1, 2, 3, 4, 5].map((seed) => {
      const sequence = new SobolSequence(6, seed);
      return discrepancy(Array.from({ length: 256 }, (_, i) => sequence.point(i)));
    });
    // What independent uniform points have on average.
    const random = (2 ** -6 - 3 ** -6) / 256;
    expect(Math.max(...ours)).toBeLessThan(random / 2);
    expect(ours.reduce((sum, value) => sum + value, 0) / ours.length).toBeLessThan(random / 3);
  });

  it('sobol - over many seeds a single point is uniform', () => {
    const counts = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 2_000; seed++) {
      const cell = Math.floor((new SobolSequence(3, seed).point(7)[2] ?? 0) * 10);
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
    // 9 degrees of freedom: above this once in 10,000.
    expect(chiSquare).toBeLessThan(33.7);
  });
});

describe('search - sobol', () => {
  it('sobol - the same configurations whatever is asked for at a time, and after restarts', () => {
    const definition = sweepOver(
      '{ a: { float: [0, 1] }, b: { float: [1e-5, 1], log: true }, c: [x, z], d: { int: [1, 4], when: \'c == "x"\' } }',
      `constraints: ['a >= b']\n${sobol}`,
    );
    const atOnce = new Searching(definition).begin(40);
    const piecewise = new Searching(definition);
    const found = [3, 1, 7, 20, 9].flatMap((count) => {
      piecewise.restart();
      return piecewise.begin(count);
    });
    expect(found).toEqual(atOnce);
    const space = compileSpace(definition);
    for (const parameters of found) expect(space.explain(parameters)).toBeUndefined();
  });

  it('sobol - a finite space is tried whole, each configuration once', () => {
    const definition = sweepOver('{ a: { int: [1, 30] }, b: [x, z] }', `constraints: ['a != 7']\n${sobol}`);
    const searching = new Searching(definition);
    const found = [20, 20, 10, 10, 10].flatMap((count) => searching.begin(count));
    expect(found).toHaveLength(58);
    expect(new Set(found.map((parameters) => JSON.stringify(parameters))).size).toBe(58);
  });

  it('sobol - a constraint that hardly anything holds', () => {
    const definition = sweepOver(
      '{ a: { float: [0, 1] }, b: { float: [0, 1] } }',
      `constraints: ['a + b <= 0.05']\n${sobol}`,
    );
    const space = compileSpace(definition);
    const found = new Searching(definition).begin(5);
    expect(found).toHaveLength(5);
    for (const parameters of found) expect(space.explain(parameters)).toBeUndefined();
  });

  it('sobol - goes on where it was after startWith', () => {
    const space = '{ a: { float: [0, 1] } }';
    const plain = new Searching(sweepOver(space, sobol)).begin(3);
    const started = new Searching(
      sweepOver(space, 'search: { sampler: sobol, trials: 99, seed: 3, startWith: [{ a: 0.5 }] }'),
    );
    expect([...started.begin(1), ...started.begin(3)]).toEqual([{ a: 0.5 }, ...plain]);
  });
});
