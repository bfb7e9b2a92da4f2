import { describe, expect, it } from 'vitest';
import {
  axisNames,
  colourNames,
  colourValues,
  createAxis,
  defaultAxis,
} from '../../../src/dashboard/web/data/axis.js';
import { metricSeries, place } from '../../../src/dashboard/web/data/metric-series.js';
import { definition } from '../support/sweeps.js';
import { trial } from './trials.js';

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

  it('axis - numbers of a choice ascend, names and ordinals keep the order of the file', () => {
    expect(createAxis(sweep, 'batch', [])).toMatchObject({
      kind: 'category',
      categories: ['200', '400', '800'],
    });
    expect(createAxis(sweep, 'optimizer', []).categories).toEqual(['rmsprop', 'adam']);
    expect(createAxis(sweep, 'layers', []).categories).toEqual(['4', '1', '2']);
    expect(createAxis(sweep, 'layers', []).position(trial({ parameters: { layers: 2 } }))).toBe(2);
  });

  it('axis - logarithmic where the parameter is; derived ones by what they turned out to be', () => {
    expect(createAxis(sweep, 'lr', []).kind).toBe('log');
    expect(createAxis(sweep, 'nhidden', []).kind).toBe('linear');
    const trials = [trial({ parameters: { warmup: 0.1, kind: 'slow' } })];
    expect(createAxis(sweep, 'warmup', trials).kind).toBe('linear');
    expect(createAxis(sweep, 'kind', trials)).toMatchObject({ kind: 'category', categories: ['slow'] });
    expect(createAxis(sweep, '#', []).position(trial({ number: 12 }))).toBe(12);
  });

  it('axis - colours are for parameters with few values, and a value always has the same one', () => {
    expect(colourNames(sweep)).toEqual(['optimizer', 'batch', 'layers', 'nhidden']);
    expect(colourValues(sweep, 'batch')).toEqual([200, 400, 800]);
    expect(colourValues(sweep, 'nhidden')).toEqual([1, 2, 3]);
  });
});

describe('metric series', () => {
  const trials = [
    trial({ number: 0, parameters: { nhidden: 2, optimizer: 'adam' }, metrics: { accuracy: 0.5 } }),
    trial({ number: 1, parameters: { nhidden: 2, optimizer: 'adam' }, metrics: { accuracy: 0.7 } }),
    trial({ number: 2, parameters: { nhidden: 1, optimizer: 'adam' }, metrics: { accuracy: 0.4 } }),
    trial({
      number: 3,
      parameters: { nhidden: 1, optimizer: 'rmsprop' },
      metrics: { accuracy: 0.3 },
      state: 'running',
    }),
    trial({
      number: 4,
      parameters: { nhidden: 3, optimizer: 'rmsprop' },
      metrics: { accuracy: 0.1 },
      state: 'pruned',
    }),
    trial({
      number: 5,
      parameters: { nhidden: 3, optimizer: 'rmsprop' },
      metrics: { accuracy: 0.9 },
      state: 'failed',
    }),
    trial({ number: 6, parameters: { optimizer: 'adam' }, metrics: { accuracy: 0.6 } }),
  ];
  const axis = createAxis(sweep, 'nhidden', trials);

  it('metric series - a group for each colour; means over completed trials alone; failed ones are not there', () => {
    const placement = place(trials, axis, { name: 'optimizer', values: ['rmsprop', 'adam'] }, true);
    expect(placement.absent).toBe(1);
    const [rmsprop, adam] = metricSeries(placement, 'accuracy');
    expect(rmsprop).toMatchObject({
      value: 'rmsprop',
      points: { completed: [], running: [{ x: 1, y: 0.3, trial: 3 }], pruned: [{ x: 3, y: 0.1, trial: 4 }] },
      means: [],
    });
    expect(adam?.points.completed.map((point) => point.trial)).toEqual([0, 1, 2]);
    expect(adam?.means).toEqual([
      { x: 1, y: 0.4 },
      { x: 2, y: 0.6 },
    ]);
  });

  it('metric series - no line where other parameters would make it a saw', () => {
    const scattered = [0.001, 0.002, 0.003, 0.004].map((lr, number) =>
      trial({ number, parameters: { lr }, metrics: { accuracy: number % 2 } }),
    );
    const lr = createAxis(sweep, 'lr', scattered);
    expect(metricSeries(place(scattered, lr, undefined, false), 'accuracy')[0]?.means).toEqual([]);
    expect(metricSeries(place(scattered, lr, undefined, true), 'accuracy')[0]?.means).toHaveLength(4);
  });
});
