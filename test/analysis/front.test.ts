import { describe, expect, it } from 'vitest';
import { frontOf, scalarised } from '../../src/analysis/front.js';
import { completed, definitionOf } from './sweeps.js';

const definition = definitionOf(`
space: { size: { int: [1, 100] } }
objectives: { accuracy: maximize, memory: minimize }
limits: ['memory <= 90']
search: { trials: 9 }
`);
const results = [
  [0.5, 10],
  [0.8, 20],
  [0.7, 30],
  [0.9, 80],
  [0.99, 95],
  [0.4, 90],
] as const;
const trials = results.map(([accuracy, memory], number) =>
  completed(number, { parameters: { size: memory }, metrics: { accuracy, memory } }),
);

describe('front', () => {
  const front = frontOf(definition, trials);

  it('front - has what no feasible configuration beats, and the knee', () => {
    expect(front.rows.map(({ configuration }) => configuration)).toEqual([3, 1, 0]);
    expect(front.knee).toBe(1);
  });

  it('front - the covered share grows with each trial that adds to it, and with no other', () => {
    expect(front.covered.map(({ number }) => number)).toEqual([0, 1, 3]);
    // Scaled by accuracy .4 to .9 and memory 10 to 90: (.2, 1), (.8, .875), (1, .125).
    const shares = [0.2, 0.2 + 0.6 * 0.875, 0.2 + 0.6 * 0.875 + 0.2 * 0.125];
    front.covered.forEach(({ share }, i) => expect(share).toBeCloseTo(shares[i] ?? NaN, 9));
  });

  it('front - what is covered goes by the means of configurations as they stood then', () => {
    const replicated = [
      [0, 0.6, 20],
      [0, 0.6, 20],
      [1, 0.9, 10],
      [1, 0.5, 30],
      [2, 0.5, 20],
    ].map(([configuration = 0, accuracy = 0, memory = 0], number) =>
      completed(number, { configuration, replicate: number % 2, metrics: { accuracy, memory } }),
    );
    const { covered, rows } = frontOf(definition, replicated);
    // Accuracy .5 to .9, memory 10 to 20: (.25, 0), then (1, 1), which the second replicate takes back to (.5, 0).
    expect(covered.map(({ number }) => number)).toEqual([0, 2, 3]);
    [0, 1, 0].forEach((share, i) => expect(covered[i]?.share).toBeCloseTo(share, 9));
    expect(rows.map(({ configuration }) => configuration)).toEqual([1]);
  });

  it('front - weights turn it into an order', () => {
    const first = (weights: Record<string, number>) => scalarised(front, weights)[0]?.row.configuration;
    expect(first({ accuracy: 1, memory: 0 })).toBe(3);
    expect(first({ accuracy: 0, memory: 1 })).toBe(0);
    expect(first({ accuracy: 1, memory: 1 })).toBe(1);
  });

  it('front - of one objective is its best; of no results empty', () => {
    const single = frontOf(definition, trials, ['accuracy']);
    expect(single.rows.map(({ configuration }) => configuration)).toEqual([3]);
    expect(single.covered).toEqual([]);
    expect(frontOf(definition, [])).toMatchObject({ rows: [], covered: [] });
  });
});
