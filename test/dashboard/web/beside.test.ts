import { describe, expect, it } from 'vitest';
import type { BesideSweep } from '../../../src/dashboard/api/beside.js';
import type { ColumnData, PointsAnswer } from '../../../src/dashboard/api/charts.js';
import { besideKey, bothWhere, chosenBeside, placedBeside } from '../../../src/dashboard/web/data/beside.js';
import { metricSeries } from '../../../src/dashboard/web/data/points.js';

function answer(columns: Readonly<Record<string, ColumnData>>): PointsAnswer {
  const n = Object.values(columns)[0]?.values.length ?? 0;
  return {
    revision: 1,
    total: n,
    absent: 0,
    numbers: Array.from({ length: n }, (_, number) => number),
    states: Array.from({ length: n }, () => 'completed' as const),
    columns,
  };
}
const sweep = (id: string, name: string, matches: boolean): BesideSweep => ({
  ...{ id, name, matches, imported: true, searched: ['batch'], metrics: ['accuracy'] },
  ...{ fixed: {}, differing: [] },
});

describe('results of another sweep beside ours', () => {
  const accuracy = { log: false, values: [0.7, 0.8, 0.9] };
  const own = answer({
    'parameter:batch': { log: false, categories: [400, 800], values: [0, 1, 1] },
    'metric:accuracy': accuracy,
  });

  it('beside - numbers are placed on an axis of listed values; what the axis has not is left out', () => {
    const theirs = answer({
      'parameter:batch': { log: false, values: [800, 600, 400] },
      'metric:accuracy': accuracy,
    });
    const placed = placedBeside({ points: theirs, slices: undefined }, own, 'parameter:batch', undefined);
    const [series] = metricSeries(placed.points, undefined, 'parameter:batch', 'accuracy', undefined, true);
    expect(series?.points.completed).toEqual([
      { x: 1, y: 0.7, trial: besideKey(0) },
      { x: 0, y: 0.9, trial: besideKey(2) },
    ]);
  });

  it('beside - listed values of theirs are numbers on a continuous axis, means too', () => {
    const continuous = answer({ 'parameter:batch': { log: false, values: [400, 500, 800] } });
    const theirs = answer({
      'parameter:batch': { log: false, categories: [400, 800], values: [1, 0, 1] },
      'metric:accuracy': accuracy,
    });
    const bin = { n: 2, mean: 0.8, low: 0.7, high: 0.9 };
    const slices = {
      revision: 1,
      groups: [{ slices: { 'metric:accuracy': { binned: false, bins: [{ ...bin, x: 1 }] } } }],
    };
    const placed = placedBeside({ points: theirs, slices }, continuous, 'parameter:batch', undefined);
    expect(placed.points.columns['parameter:batch']?.values).toEqual([800, 400, 800]);
    expect(placed.slices?.groups[0]?.slices['metric:accuracy']?.bins).toEqual([{ ...bin, x: 800 }]);
  });

  it('beside - what they fix colours all of their points', () => {
    const theirs = answer({
      'parameter:batch': { log: false, values: [800, 800, 400] },
      'metric:accuracy': accuracy,
    });
    const colour = { name: 'optimizer', values: ['rmsprop', 'adam'] };
    const placed = placedBeside({ points: theirs, slices: undefined }, own, 'parameter:batch', {
      name: 'optimizer',
      fixed: 'adam',
    });
    const series = metricSeries(placed.points, undefined, 'parameter:batch', 'accuracy', colour, true);
    expect(series.map(({ points }) => points.completed.length)).toEqual([0, 3]);
  });

  it('beside - the one that matches where nobody has chosen; by id, then by name; empty chooses none', () => {
    const candidates = [sweep('a', 'old', false), sweep('b', 'published', true), sweep('c', 'a', false)];
    expect(chosenBeside(candidates, undefined)?.id).toBe('b');
    expect(chosenBeside(candidates, 'a')?.id).toBe('a');
    expect(chosenBeside(candidates, 'old')?.id).toBe('a');
    expect(chosenBeside(candidates, '')).toBeUndefined();
  });

  it('beside - both filters hold', () => {
    expect(bothWhere(undefined, undefined)).toBeUndefined();
    expect(bothWhere(' ', 'a == 1')).toBe('a == 1');
    expect(bothWhere('a > 0 || b', 'c')).toBe('(a > 0 || b) && (c)');
  });
});
