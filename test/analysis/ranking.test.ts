import { describe, expect, it } from 'vitest';
import { rankSweep } from '../../src/analysis/ranking.js';
import { completed, definitionOf } from './sweeps.js';

const definition = definitionOf(`
space: { x: { int: [0, 9] } }
objectives: { accuracy: maximize }
limits: ['memory <= 10']
search: { trials: 9 }
`);

describe('ranking', () => {
  it('ranking - feasible before infeasible before missing, equal means share a rank, only completed trials count', () => {
    const results = [
      completed(0, { metrics: { accuracy: 0.6, memory: 1 } }),
      completed(1, { metrics: { accuracy: 0.6, memory: 9 } }),
      completed(2, { metrics: { accuracy: 0.9, memory: 9 }, state: 'failed' }),
      completed(3, { metrics: { accuracy: 0.99, memory: 11 } }),
      completed(4, { metrics: { memory: 2 } }),
      completed(5, { metrics: { accuracy: 0.8 } }),
    ];
    const { rows, leaders } = rankSweep(definition, results);
    expect(
      rows.map(({ configuration, rank, tied, broken }) => [configuration, rank, tied, broken.length]),
    ).toEqual([
      [0, 1, true, 0],
      [1, 1, true, 0],
      [4, 3, false, 0],
      [3, 4, false, 1],
      [5, 5, false, 1],
    ]);
    expect(leaders).toBeUndefined();
  });

  it('ranking - what the replicates can not tell from the best is marked', () => {
    const of = [
      [0.9, 0.92, 0.94],
      [0.89, 0.91, 0.93],
      [0.5, 0.51, 0.52],
    ];
    const results = of.flatMap((values, configuration) =>
      values.map((accuracy, replicate) =>
        completed(0, { configuration, replicate, metrics: { accuracy, memory: 1 } }),
      ),
    );
    const { rows } = rankSweep(definition, results);
    expect(rows.map(({ configuration, nearBest }) => [configuration, nearBest])).toEqual([
      [0, true],
      [1, true],
      [2, false],
    ]);
  });
});
