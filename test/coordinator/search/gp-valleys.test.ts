import { describe, expect, it } from 'vitest';
import { leastValues } from '../../../bench/search/search-run.js';
import type { Parameters } from '../../../src/sweep/parameter.js';

const unit = { kind: 'float', low: 0, high: 1, log: false } as const;

function hill({ x, y }: Parameters, [cx, cy]: readonly [number, number], width: number): number {
  return Math.exp(-((Number(x) - cx) ** 2 + (Number(y) - cy) ** 2) / (2 * width ** 2));
}

/** A wide valley of depth 0.8, and a narrow one of depth 1.07 far from it. */
const twoValleys = {
  name: 'two valleys',
  space: { x: unit, y: unit },
  value: (parameters: Parameters): number =>
    -0.8 * hill(parameters, [0.25, 0.3], 0.3) - hill(parameters, [0.8, 0.75], 0.08),
};

describe('gp - valleys', () => {
  it('gp - once the first valley gives nothing more, it looks elsewhere and finds the deeper one', () => {
    const found = [1, 2, 3].map((seed) => leastValues(twoValleys, 'gp', seed, 80).at(-1) ?? 0);
    expect(found.filter((least) => least < -1).length).toBeGreaterThanOrEqual(2);
  }, 120_000);
});
