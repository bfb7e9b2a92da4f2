import { describe, expect, it } from 'vitest';
import type { PointsAnswer, SlicesAnswer } from '../../../src/dashboard/api/charts.js';
import {
  axisColumn,
  axisNames,
  axisOf,
  colourNames,
  colourValues,
  defaultAxis,
} from '../../../src/dashboard/web/data/axis.js';
import { metricSeries, SentTrials } from '../../../src/dashboard/web/data/points.js';
import { definition } from '../support/sweeps.js';

const sweep = definition({
  space: {
    optimizer: { kind: 'choice', values: ['rmsprop', 'adam'] },
    batch: { kind: 'choice', values: [800, 200, 400] },
    layers: { kind: 'ordinal', values: [4, 1, 2] },
    lr: { kind: 'float', low: 1e-4, high: 1e-2, log: true },
    nhidden: { kind: 'int', low: 1, high: 3, step: 1, log: false },
    fixedOne: { kind: 'int', low: 3, high: 3, step: 1, log: false },
    warmup: { kind: 'derived', value: 'lr / 10' },
    constant: { kind: 'derived', value: 7 },
    kind: { kind: 'derived', value: 'lr > 0.001 ? "fast" : "slow"' },
  },
});

describe('axis', () => {
  it('axis - offers what varies, searched parameters first, and begins with a numeric one', () => {
    expect(axisNames(sweep)).toEqual(['optimizer', 'batch', 'layers', 'lr', 'nhidden', 'warmup', 'kind']);
    expect(defaultAxis(sweep)).toBe('lr');
    expect(defaultAxis(definition({ space: {} }))).toBe('#');
  });

  it('axis - logarithmic where the parameter is, by name where it has categories', () => {
    expect(axisOf('lr', { log: true, values: [] })).toEqual({ name: 'lr', kind: 'log', categories: [] });
    expect(axisOf('batch', { log: false, categories: [200, 400], values: [] })).toMatchObject({
      kind: 'category',
      categories: ['200', '400'],
    });
    expect(axisOf('#', undefined).kind).toBe('linear');
    expect(axisColumn('#')).toBe('number');
    expect(axisColumn('lr')).toBe('parameter:lr');
  });

  it('axis - colours are for parameters with few values, and a value always has the same one', () => {
    expect(colourNames(sweep)).toEqual(['optimizer', 'batch', 'layers', 'nhidden']);
    expect(colourValues(sweep, 'batch')).toEqual([200, 400, 800]);
    expect(colourValues(sweep, 'nhidden')).toEqual([1, 2, 3]);
  });
});

describe('metric series', () => {
  const answer: PointsAnswer = {
    revision: 1,
    total: 5,
    absent: 0,
    numbers: [0, 1, 2, 3, 4],
    states: ['completed', 'completed', 'completed', 'running', 'pruned'],
    columns: {
      'parameter:nhidden': { log: false, values: [2, 2, 1, 1, 3] },
      'parameter:optimizer': { log: false, categories: ['rmsprop', 'adam'], values: [1, 1, 1, 0, 0] },
      'metric:accuracy': { log: false, values: [0.5, 0.7, 0.4, 0.3, null] },
    },
  };
  const bin = (x: number, n: number, mean: number) => ({ x, n, mean, low: mean, high: mean });
  const slices = (bins: ReturnType<typeof bin>[]): SlicesAnswer => ({
    revision: 1,
    groups: [{ value: 'adam', slices: { 'metric:accuracy': { binned: false, bins } } }],
  });

  it('metric series - a group for each colour, with the means of its slice', () => {
    const colour = { name: 'optimizer', values: ['rmsprop', 'adam'] };
    const means = slices([bin(1, 1, 0.4), bin(2, 2, 0.6)]);
    const [rmsprop, adam] = metricSeries(answer, means, 'parameter:nhidden', 'accuracy', colour, true);
    expect(rmsprop).toEqual({
      points: { completed: [], running: [{ x: 1, y: 0.3, trial: 3 }], pruned: [] },
      means: [],
      replicates: [],
    });
    expect(adam?.points.completed.map((point) => point.trial)).toEqual([0, 1, 2]);
    expect(adam?.means).toEqual([
      { x: 1, y: 0.4 },
      { x: 2, y: 0.6 },
    ]);
  });

  it('metric series - no line where other parameters would make it a saw', () => {
    const saw = slices([bin(1, 1, 0.1), bin(2, 1, 0.9), bin(3, 1, 0.2)]);
    const colour = { name: 'optimizer', values: ['adam'] };
    const means = (alone: boolean) =>
      metricSeries(answer, saw, 'parameter:nhidden', 'accuracy', colour, alone)[0]?.means;
    expect(means(false)).toEqual([]);
    expect(means(true)).toHaveLength(3);
  });

  it('sent trials - are put together again from their columns', () => {
    const trials = new SentTrials(answer.numbers, answer.states, answer.columns);
    expect(trials.get(4)).toEqual({
      number: 4,
      state: 'pruned',
      parameters: { nhidden: 3, optimizer: 'rmsprop' },
      metrics: {},
    });
    expect(trials.get(5)).toBeUndefined();
  });
});
