import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricNames, directionOf } from '../../../src/dashboard/metrics.js';
import { Configurations } from '../../../src/dashboard/server/table/configurations.js';
import { rowsWhere } from '../../../src/dashboard/server/table/filter.js';
import { historyOf } from '../../../src/dashboard/server/table/history.js';
import { grid, slice } from '../../../src/dashboard/server/table/means.js';
import { sortRows } from '../../../src/dashboard/server/table/sorted-rows.js';
import { Staircase } from '../../../src/dashboard/server/table/staircase.js';
import type { TrialTable } from '../../../src/dashboard/server/table/trial-table.js';
import { paretoFront } from '../../../src/sweep/pareto.js';
import { definition } from '../support/sweeps.js';
import { outline, tableOf } from './tables.js';

const result = (number: number, accuracy: number, memory: number, time: number, finishedAt = number) =>
  outline({ number, metrics: { accuracy, memory, time }, finishedAt });
const column = (table: TrialTable, id: string) => {
  const found = table.column(id);
  if (!found) throw new Error(`no column ${id}`);
  return found;
};
const limits = ['memory <= 100'];

describe('history', () => {
  it('history - steps in the order of finishing, by feasible trials alone', () => {
    const table = tableOf([result(0, 0.5, 10, 1, 30), result(1, 0.4, 10, 1, 10), result(2, 0.9, 500, 1, 20)]);
    const { improvements, rows } = historyOf(
      table,
      column(table, 'metric:accuracy'),
      'maximize',
      rowsWhere(table, undefined),
      (row) => row !== 2,
    );
    expect([...rows]).toEqual([1, 2, 0]);
    expect(improvements).toEqual([
      { number: 1, value: 0.4, completed: 1, at: 10 },
      { number: 0, value: 0.5, completed: 3, at: 30 },
    ]);
  });

  it('history - less is better where the objective says so', () => {
    const table = tableOf([3, 1, 2].map((loss, number) => outline({ number, metrics: { loss } })));
    const { improvements } = historyOf(
      table,
      column(table, 'metric:loss'),
      'minimize',
      rowsWhere(table, undefined),
      () => true,
    );
    expect(improvements.map(({ value }) => value)).toEqual([3, 1]);
  });
});

describe('configurations', () => {
  it('configurations - the front has feasible ones alone, by ascending cost', () => {
    const trials = [
      result(0, 0.7, 20, 5),
      result(1, 0.9, 90, 4),
      result(2, 0.6, 30, 1),
      result(3, 0.99, 500, 1),
    ];
    const table = tableOf(trials, { limits });
    const all = new Configurations(table, rowsWhere(table, undefined));
    expect(all.front('memory', 'minimize', 'accuracy', 'maximize')).toEqual([0, 1]);
    expect(all.front('time', 'minimize', 'accuracy', 'maximize')).toEqual([2, 1]);
    expect(all.best('accuracy', 'maximize', 3)).toEqual([1, 0, 2]);
    expect(all.best('accuracy', 'maximize', 9)).toEqual([1, 0, 2, 3]);
  });

  it('configurations - are judged by the means of their completed replicates', () => {
    const table = tableOf([
      outline({ number: 0, configuration: 0, metrics: { accuracy: 0.9, memory: 10 } }),
      outline({ number: 1, configuration: 0, metrics: { accuracy: 0.5, memory: 10 } }),
      outline({ number: 2, configuration: 1, metrics: { accuracy: 0.8, memory: 10 } }),
      outline({ number: 3, configuration: 1, metrics: { accuracy: 0.1 }, state: 'failed' }),
    ]);
    const all = new Configurations(table, rowsWhere(table, undefined));
    expect([...all.means('accuracy')]).toEqual([0.7, 0.8]);
    expect(all.trialsOf(0)).toEqual([0, 1]);
    expect(all.front('memory', 'minimize', 'accuracy', 'maximize')).toEqual([1]);
  });

  it('configurations - a growing front is that of all points at once', () => {
    const cost = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cost, cost), { maxLength: 60 }), (points) => {
        const stairs = new Staircase();
        points.forEach(([first, second], item) => stairs.add(first, second, item));
        const front = paretoFront(points, ['minimize', 'minimize']);
        expect(stairs.items.sort((a, b) => a - b)).toEqual(front);
      }),
    );
  });
});

describe('slices', () => {
  const values = (n: number) =>
    Array.from({ length: n }, (_, number) =>
      outline({
        number,
        parameters: { nhidden: number % 3, lr: 10 ** (-4 + number / n) },
        metrics: { accuracy: number },
      }),
    );

  it('slices - few values stay as they are, with mean, spread and percentiles', () => {
    const table = tableOf(values(6));
    const x = column(table, 'parameter:nhidden');
    const { binned, bins } = slice(x, column(table, 'metric:accuracy'), rowsWhere(table, undefined));
    expect(binned).toBe(false);
    expect(bins.map(({ x, n, mean }) => [x, n, mean])).toEqual([
      [0, 2, 1.5],
      [1, 2, 2.5],
      [2, 2, 3.5],
    ]);
    expect(bins[0]?.spread).toBeCloseTo(Math.sqrt(4.5), 12);
    expect(bins[0]?.low).toBeCloseTo(0.3, 12);
  });

  it('slices - many values are put into bins of the scale of their axis', () => {
    const table = tableOf(values(1000));
    const { binned, bins } = slice(
      column(table, 'parameter:lr'),
      column(table, 'metric:accuracy'),
      rowsWhere(table, undefined),
    );
    expect(binned).toBe(true);
    expect(bins.length).toBe(32);
    expect(bins.reduce((sum, { n }) => sum + n, 0)).toBe(1000);
    const ratios = bins.slice(1).map(({ x }, index) => x / (bins[index]?.x ?? 0));
    expect(Math.max(...ratios) - Math.min(...ratios)).toBeLessThan(1e-9);
  });

  it('grid - means of a third column, empty cells without one', () => {
    const table = tableOf([
      outline({ number: 0, parameters: { nhidden: 1, optimizer: 'adam' }, metrics: { accuracy: 1 } }),
      outline({ number: 1, parameters: { nhidden: 1, optimizer: 'adam' }, metrics: { accuracy: 3 } }),
      outline({ number: 2, parameters: { nhidden: 9, optimizer: 'rmsprop' }, metrics: { accuracy: 5 } }),
    ]);
    const [x, y, value] = ['parameter:nhidden', 'parameter:optimizer', 'metric:accuracy'].map((id) =>
      column(table, id),
    );
    if (!x || !y || !value) throw new Error('columns');
    const means = grid(x, y, value, rowsWhere(table, undefined), 4);
    expect(means?.x).toEqual([1, 3, 5, 7, 9]);
    expect(means?.means).toEqual([
      [null, null, null, 5],
      [2, null, null, null],
    ]);
  });
});

describe('filter', () => {
  const table = tableOf([
    outline({ number: 0, parameters: { lr: 0.001, optimizer: 'adam' }, metrics: { accuracy: 0.9 } }),
    outline({
      number: 1,
      parameters: { lr: 0.01, optimizer: 'adam' },
      metrics: { accuracy: 0.8 },
      state: 'pruned',
    }),
    outline({ number: 3, parameters: { lr: 0.02, optimizer: 'rmsprop' }, state: 'queued', finishedAt: null }),
  ]);
  const where = (text?: string) => [...rowsWhere(table, text)];

  it('filter - by parameters, metrics and what is known of a trial; numbers that are not there are left out', () => {
    expect(where()).toEqual([0, 1, 3]);
    expect(where('lr >= 0.01')).toEqual([1, 3]);
    expect(where('accuracy > 0.1 && optimizer == "adam"')).toEqual([0, 1]);
    expect(where('state == "pruned" || number == 3')).toEqual([1, 3]);
    expect(where('time < 5')).toEqual([]);
  });

  it('filter - what is wrong with it is told', () => {
    expect(() => where('accuracy >')).toThrow(/where: /);
    expect(() => where('acuracy > 1')).toThrow('where: there is no "acuracy" (did you mean "accuracy"?)');
  });
});

describe('rows', () => {
  it('rows - sorted by any column, those without it last in both directions', () => {
    const table = tableOf([
      result(0, 0.5, 1, 1),
      outline({ number: 1, state: 'queued', finishedAt: null }),
      result(2, 0.9, 1, 1),
      result(3, 0.5, 1, 1),
      outline({ number: 4, state: 'running', finishedAt: null, parameters: { optimizer: 'rmsprop' } }),
      outline({ number: 5, state: 'failed', parameters: { optimizer: 'adam' } }),
    ]);
    const numbers = (id: string, descending = false) => [
      ...sortRows(rowsWhere(table, undefined), column(table, id), descending),
    ];
    expect(numbers('metric:accuracy')).toEqual([0, 3, 2, 1, 4, 5]);
    expect(numbers('metric:accuracy', true)).toEqual([2, 0, 3, 1, 4, 5]);
    expect(numbers('number', true)).toEqual([5, 4, 3, 2, 1, 0]);
    expect(numbers('activity', true)).toEqual([4, 5, 3, 2, 0, 1]);
    expect(numbers('parameter:optimizer')).toEqual([5, 4, 0, 1, 2, 3]);
  });

  it('rows - a metric that a new attempt has not reported yet is gone', () => {
    const table = tableOf([result(0, 0.5, 1, 1), outline({ number: 0, state: 'running', revision: 9 })]);
    expect(column(table, 'metric:accuracy').at(0)).toBeUndefined();
    expect(table.revision).toBe(9);
  });

  it('rows - a derived parameter that turns out to be no number becomes one of categories', () => {
    const space = { kind: { kind: 'derived', value: 'x' } } as const;
    const values = [1, 2, 'fast', 2];
    const table = tableOf(
      values.map((kind, number) => outline({ number, parameters: { kind } })),
      { space },
    );
    expect(values.map((_, row) => column(table, 'parameter:kind').at(row))).toEqual(values);
  });
});

describe('metrics', () => {
  it('metrics - objectives first, then memory and time, then the others as they were reported', () => {
    const single = definition({ objectives: { accuracy: 'maximize' } });
    expect(metricNames(single, ['f1', 'time', 'accuracy', 'memory', 'loss'])).toEqual([
      'accuracy',
      'memory',
      'time',
      'f1',
      'loss',
    ]);
    expect(metricNames(single, [])).toEqual(['accuracy']);
    expect(directionOf(single, 'f1')).toBeUndefined();
    expect(directionOf(single, 'trainTime')).toBe('minimize');
  });
});
