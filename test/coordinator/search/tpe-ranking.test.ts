import { describe, expect, it } from 'vitest';
import { Ranker } from '../../../src/coordinator/search/tpe/ranking.js';
import { splitResults } from '../../../src/coordinator/search/tpe/split.js';
import { createRandom } from '../../../src/sweep/random.js';
import { compileSpace } from '../../../src/sweep/space.js';
import { Direction } from '../../../src/sweep/sweep-definition.js';
import type { Parameters } from '../../../src/sweep/parameter.js';
import type { Trial } from '../../../src/sweep/trial.js';
import { definitionOf, sweepOver } from '../definitions.js';
import { processorTime } from '../../processor-time.js';
import { Searching } from './run-samplers.js';

function trial(configuration: number, rest: Partial<Trial>): Trial {
  return {
    sweepId: 's',
    number: configuration,
    configuration,
    replicate: 0,
    seed: 0,
    parameters: { x: configuration },
    state: 'completed',
    attempts: 1,
    metrics: {},
    createdAt: 0,
    ...rest,
  };
}

function ranked(ranker: Ranker<Parameters>, trials: readonly Trial[]): Record<string, unknown[]> {
  const { ranked: best, failed, pending } = ranker.rank({ trials, configurations: trials.length });
  const names = (all: typeof best): unknown[] => all.map(({ x }) => x);
  return { best: names(best), failed: names(failed), pending: names(pending) };
}

const minimise = { loss: Direction.Minimize };

describe('search - what tpe makes of results', () => {
  it('ranking - completed, then pruned by how far they came, then infeasible; failures and what runs apart', () => {
    const limits = (_: unknown, metrics: Record<string, number>): string[] =>
      ['memory', 'time'].filter((name) => (metrics[name] ?? 0) > 10);
    const trials = [
      trial(0, { metrics: { loss: 5 } }),
      trial(1, { metrics: { loss: 1, memory: 11, time: 11 } }),
      trial(2, { metrics: { loss: 3 } }),
      trial(3, { state: 'pruned', metrics: { loss: 0.1 }, lastStep: 3 }),
      trial(4, { state: 'pruned', metrics: { loss: 9 }, lastStep: 27 }),
      trial(5, { metrics: { loss: 2, memory: 11 } }),
      trial(6, { state: 'failed', failure: { class: 'memory', message: 'out of memory' } }),
      trial(7, { state: 'failed', failure: { class: 'lost', message: 'worker lost' } }),
      trial(8, { state: 'running' }),
      trial(9, { state: 'cancelled' }),
      trial(10, { metrics: { accuracy: 1 } }),
      trial(11, { metrics: { loss: 3 } }),
    ];
    const expected = { best: [2, 11, 0, 4, 3, 5, 1], failed: [6, 10], pending: [8] };
    const ranker = new Ranker(minimise, limits, 50, (parameters) => parameters);
    expect(ranked(ranker, trials)).toEqual(expected);
    // Once more: what it remembers changes nothing.
    expect(ranked(ranker, trials)).toEqual(expected);
  });

  it('ranking - a result that comes late finds its place among those remembered', () => {
    const ranker = new Ranker(
      minimise,
      () => [],
      50,
      (parameters) => parameters,
    );
    const losses = [4, 2, 9, 7, 1, 8, 3];
    const trials = losses.map((loss, i) => trial(i, { metrics: { loss } }));
    for (let n = 1; n <= trials.length; n++) {
      const order = losses.slice(0, n).map((_, i) => i);
      order.sort((a, b) => (losses[a] ?? 0) - (losses[b] ?? 0));
      expect(ranked(ranker, trials.slice(0, n))['best']).toEqual(order);
    }
    expect(ranked(ranker, trials.slice(0, 3))['best']).toEqual([1, 0, 2]);
  });

  it('ranking - several objectives: front after front, the least crowded first', () => {
    const ranker = new Ranker(
      { a: Direction.Maximize, b: Direction.Minimize },
      () => [],
      50,
      (parameters) => parameters,
    );
    const points = [
      [0, 0],
      [10, 10],
      [5, 5],
      [5.2, 5.2],
      [4, 6],
      [3, 9],
    ];
    const trials = points.map(([a = 0, b = 0], i) => trial(i, { metrics: { a, b } }));
    const { best } = ranked(ranker, trials);
    expect(best?.slice(0, 2)).toEqual([0, 1]);
    expect(best?.slice(2, 4).sort()).toEqual([2, 3]);
    expect(best?.slice(4)).toEqual([4, 5]);
  });

  it('ranking - several objectives: those of a condition are ranked among themselves, however far behind they are', () => {
    const ranker = new Ranker(
      { f: Direction.Minimize, g: Direction.Minimize },
      () => [],
      50,
      (parameters) => parameters,
    );
    // Every other one is behind all of the others; among these, later ones are better.
    const trials = Array.from({ length: 400 }, (_, i) => {
      const behind = i % 2 === 1 ? 1000 - i : 0;
      return trial(i, { metrics: { f: behind + i / 1000, g: behind - i / 1000 } });
    });
    const { ranked: all, rankedAmong } = ranker.rank({ trials, configurations: 400 });
    expect(all.slice(0, 50).every(({ x }) => Number(x) % 2 === 0)).toBe(true);
    const own = rankedAmong(({ x }) => Number(x) % 2 === 1).map(({ x }) => Number(x));
    expect(own).toHaveLength(200);
    expect(own.slice(0, 5)).toEqual([399, 397, 395, 393, 391]);
  });

  it('split - the bad ones are thinned, and still stand for all of them', () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => Float64Array.of(i));
    const { good, bad, weights } = splitResults(
      { ranked: rows, failed: [], waiting: [Float64Array.of(-1)] },
      0,
    );
    expect(good).toEqual(rows.slice(0, 25));
    expect(bad).toHaveLength(101);
    expect(bad.slice(0, 50)).toEqual(rows.slice(25, 75));
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(976, 9);
    const meanRank = bad.reduce((sum, row, i) => sum + (row[0] ?? 0) * (weights[i] ?? 0), 0) / 976;
    expect(Math.abs(meanRank - 512)).toBeLessThan(2);
  });

  it('tpe - with several objectives, a branch that is worse than the other is searched for its own best', () => {
    const definition = definitionOf(
      'name: s\ntrainable: { command: [train] }\nspace: { m: [p, q], x: { float: [0, 1], when: "m == \'p\'" }, z: { float: [0, 1], when: "m == \'q\'" } }\n' +
        'objectives: { f: minimize, g: minimize }\nsearch: { sampler: tpe, trials: 9999, seed: 4 }',
    );
    // What is tried next is to be of the worse branch.
    const searching = new Searching({ ...definition, constraints: ['m == "q"'] });
    const random = createRandom(5);
    const space = compileSpace(definition);
    searching.add(Array.from({ length: 400 }, () => ({ parameters: space.random(random) })));
    searching.end(({ x, z }) =>
      z === undefined ? { f: Number(x), g: 1 - Number(x) } : { f: 9 + Math.abs(Number(z) - 0.3), g: 9 },
    );
    const found = searching.peek(20).map(({ parameters: { z } }) => Number(z));
    const distances = found.map((z) => Math.abs(z - 0.3)).sort((a, b) => a - b);
    expect(distances[found.length >> 1]).toBeLessThan(0.1);
  });

  it('tpe - a suggestion after 10,000 trials takes a moment', () => {
    const searching = new Searching(
      sweepOver(
        '{ a: { float: [0, 1] }, b: { int: [1, 9] }, c: [k, l] }',
        'search: { sampler: tpe, trials: 99999 }',
      ),
    );
    searching.add(
      Array.from({ length: 10_000 }, (_, i) => ({ parameters: { a: i / 10_000, b: 1 + (i % 9), c: 'k' } })),
    );
    searching.end(({ a }) => ({ y: Number(a) }));
    searching.begin(1);
    // 20 ms each on a quiet machine are the aim (npm run bench -- sampler-cost); this one may be busy.
    expect(processorTime(() => void searching.begin(5))).toBeLessThan(500);
  });
});
