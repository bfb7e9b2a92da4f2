import { describe, expect, it } from 'vitest';
import { edgeTicks } from '../../../src/dashboard/web/data/ticks.js';

describe('ticks', () => {
  it('edgeTicks - each edge stands where it lies, also where the bins are no multiple of four', () => {
    const edges = Array.from({ length: 8 }, (_, index) => 4 + index * 10);
    for (const { share, value } of edgeTicks(edges)) expect(4 + share * 70).toBeCloseTo(value);
    expect(edgeTicks(edges).map(({ value }) => value)).toEqual([4, 24, 44, 54, 74]);
  });

  it('edgeTicks - of one bin both edges, once', () => {
    expect(edgeTicks([1, 3])).toEqual([
      { share: 0, value: 1 },
      { share: 1, value: 3 },
    ]);
  });
});
