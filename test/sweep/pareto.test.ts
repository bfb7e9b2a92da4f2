import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hypervolume, kneePoint, paretoFront, ParetoSet } from '../../src/sweep/pareto.js';
import { createRandom } from '../../src/sweep/random.js';
import type { Direction } from '../../src/sweep/sweep-definition.js';
import { processorTime } from '../processor-time.js';

/** The definition itself, point against point. */
function frontByDefinition(points: readonly number[][], directions: readonly Direction[]): number[] {
  const cost = (point: number[]): number[] =>
    point.map((value, axis) => (directions[axis] === 'minimize' ? value : -value));
  const beats = (a: number[], b: number[]): boolean =>
    cost(a).every((value, axis) => value <= cost(b)[axis]!) &&
    cost(a).some((value, axis) => value < cost(b)[axis]!);
  return points.flatMap((point, index) => (points.some((other) => beats(other, point)) ? [] : [index]));
}

describe('pareto - front', () => {
  it.each([1, 2, 3, 4])('is what the definition says, with %i objectives', (objectives) => {
    const value = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: objectives, maxLength: objectives }), { maxLength: 40 }),
        fc.array(fc.constantFrom<Direction>('maximize', 'minimize'), {
          minLength: objectives,
          maxLength: objectives,
        }),
        (points, directions) => {
          expect(paretoFront(points, directions)).toEqual(frontByDefinition(points, directions));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('points with missing values are not on it', () => {
    expect(
      paretoFront(
        [
          [1, undefined],
          [NaN, 1],
          [2, 2],
        ],
        ['minimize', 'minimize'],
      ),
    ).toEqual([2]);
    expect(paretoFront([], ['minimize'])).toEqual([]);
  });

  it('100,000 points with two objectives take a moment', () => {
    const points = Array.from({ length: 100_000 }, (_, i) => [(i * 7919) % 100_003, (i * 104_729) % 100_003]);
    let front: readonly number[] = [];
    const milliseconds = processorTime(() => (front = paretoFront(points, ['maximize', 'minimize'])));
    expect(front.length).toBeGreaterThan(0);
    expect(milliseconds).toBeLessThan(2000);
  });
});

describe('pareto - set that grows', () => {
  it('pareto - a set that grew point by point is the front of all of them', () => {
    const value = fc.integer({ min: 0, max: 6 });
    const directions = ['maximize', 'minimize', 'minimize'] as const;
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { maxLength: 40 }), (points) => {
        const set = new ParetoSet<number>(directions);
        points.forEach((point, index) => set.add(point, index));
        expect(set.items).toEqual(paretoFront(points, directions));
      }),
    );
  });

  it('pareto - says whether a point is on the front when it comes', () => {
    const set = new ParetoSet<string>(['minimize', 'minimize']);
    expect(set.add([1, 2], 'a')).toBe(true);
    expect(set.add([2, 2], 'beaten')).toBe(false);
    expect(set.add([NaN, 0], 'no value')).toBe(false);
    expect(set.add([1, 1], 'b')).toBe(true);
    expect(set.items).toEqual(['b']);
  });
});

describe('pareto - hypervolume', () => {
  it('pareto - of two and three objectives, by hand', () => {
    const two = ['minimize', 'minimize'] as const;
    expect(hypervolume([], two, [4, 4])).toBe(0);
    expect(
      hypervolume(
        [
          [1, 3],
          [2, 2],
          [3, 1],
          [3, 3],
          [0, 5],
        ],
        two,
        [4, 4],
      ),
    ).toBe(6);
    expect(hypervolume([[3, 1]], ['maximize', 'minimize'], [1, 4])).toBe(6);
    expect(
      hypervolume(
        [
          [1, 2, 2],
          [2, 1, 2],
          [2, 2, 1],
        ],
        ['minimize', 'minimize', 'minimize'],
        [3, 3, 3],
      ),
    ).toBe(4);
  });

  it.each([1, 2, 3, 4])(
    'pareto - with %i objectives, it is the part of random points that are beaten',
    (m) => {
      const random = createRandom(7, m);
      const directions = Array.from({ length: m }, (): Direction => 'minimize');
      const draw = (): number[] => Array.from({ length: m }, () => random.next());
      const points = Array.from({ length: 12 }, draw);
      const draws = 20_000;
      let beaten = 0;
      for (let i = 0; i < draws; i++) {
        const x = draw();
        if (points.some((point) => point.every((value, axis) => value <= (x[axis] ?? 0)))) beaten++;
      }
      const volume = hypervolume(points, directions, new Array<number>(m).fill(1));
      // Four standard deviations of a binomial part.
      expect(Math.abs(volume - beaten / draws)).toBeLessThan(4 * Math.sqrt(0.25 / draws));
    },
  );

  it('pareto - points with a missing value add nothing, and a reference without one is refused', () => {
    expect(hypervolume([[1, undefined]], ['minimize', 'minimize'], [2, 2])).toBe(0);
    expect(() => hypervolume([], ['minimize', 'minimize'], [2, NaN])).toThrow(/must be finite/);
  });
});

describe('pareto - knee', () => {
  it('pareto - is where both objectives are nearly had at once, whatever their units', () => {
    const points = [
      [0, 1000],
      [1, 300],
      [2, 100],
      [6, 50],
      [10, 0],
      [2, 900],
    ];
    expect(kneePoint(points, ['minimize', 'minimize'])).toBe(2);
    expect(kneePoint([[NaN, 1]], ['minimize', 'minimize'])).toBeUndefined();
    expect(kneePoint([[5, 5]], ['maximize', 'minimize'])).toBe(0);
  });
});
