import { describe, expect, it } from 'vitest';
import { openDescent, type DescentResult } from '../../../src/coordinator/search/gp/descents.js';
import { Features } from '../../../src/coordinator/search/gp/features.js';
import { compileSpace } from '../../../src/sweep/space.js';

const unit = { kind: 'float', low: 0, high: 1, log: false } as const;
const features = new Features(compileSpace({ space: { x: unit, y: unit }, fixed: {}, constraints: [] }));

/** A result at x = y = `at`. */
function result(
  configuration: number,
  at: number,
  cost: number,
  rest: Partial<DescentResult> = {},
): DescentResult {
  const x = features.of({ x: at, y: at });
  return { configuration, x, cost, count: 1, feasible: true, ...rest };
}

/** A valley at .2 that was searched to its end, and what lies around. */
const searched = [
  ...[0.1, 0.35, 0.5, 0.9].map((at, i) => result(i, at, 1 + Math.abs(at - 0.2))),
  result(4, 0.2, 0),
];

describe('gp - descents', () => {
  it('gp - no descent is open where none was begun', () => {
    expect(openDescent(features, searched)).toBeUndefined();
  });

  it('gp - a descent goes on around its own best, whatever is better elsewhere', () => {
    const own = [
      result(5, 0.8, 1.4, { descent: 5 }),
      result(6, 0.75, 1.2, { descent: 5, around: 5 }),
      result(7, 0.7, 1.3, { descent: 5, around: 6 }),
    ];
    const open = openDescent(features, [...searched, ...own]);
    expect(open).toMatchObject({ first: 5, around: 6 });
    // The models know nothing of the searched valley: what they believe to be the best is the descent's.
    expect([...(open?.models.incumbent ?? [])]).toEqual([...features.of({ x: 0.75, y: 0.75 })]);
  });

  it('gp - a descent ends in a valley that is known', () => {
    const own = [result(5, 0.6, 1.4, { descent: 5 }), result(6, 0.3, 0.5, { descent: 5, around: 5 })];
    expect(openDescent(features, [...searched, ...own])).toBeUndefined();
  });

  it('gp - a descent ends at the bottom, after failures enough', () => {
    const failures = Array.from({ length: 40 }, (_, i) =>
      result(6 + i, 0.75, 1.5, { descent: 5, around: 5 }),
    );
    expect(openDescent(features, [...searched, result(5, 0.8, 1.2, { descent: 5 })])).toBeDefined();
    expect(
      openDescent(features, [...searched, result(5, 0.8, 1.2, { descent: 5 }), ...failures]),
    ).toBeUndefined();
  });
});
