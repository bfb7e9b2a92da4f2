import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thin } from '../../../src/dashboard/server/thin.js';
import { formatAgo, formatMetric, formatRate, formatTick } from '../../../src/dashboard/web/data/format.js';
import { logTicks, niceStep, roundTicks } from '../../../src/dashboard/web/data/ticks.js';
import { formatRoute, parseRoute } from '../../../src/dashboard/web/routing.js';

describe('format', () => {
  it('format - bytes and seconds by the name of the metric', () => {
    expect(formatMetric('memory', 8128)).toBe('8.13 KB');
    expect(formatMetric('peakMemory', 5.5e7)).toBe('55 MB');
    expect(formatMetric('time', 772)).toBe('12 m 52 s');
    expect(formatMetric('accuracy', 0.9)).toBe('0.9000');
    expect(formatTick('accuracy', 0.9)).toBe('0.9');
    expect(formatMetric('loss', 12.34567)).toBe('12.35');
    expect(formatMetric('loss', undefined)).toBe('–');
  });

  it('format - rates in the unit that has whole numbers, ages in the largest unit', () => {
    expect(formatRate(4.24)).toBe('4.2 trials/s');
    expect(formatRate(0.1)).toBe('6 trials/min');
    expect(formatRate(0.001)).toBe('3.6 trials/h');
    expect(formatAgo(0, 1000)).toBe('just now');
    expect(formatAgo(0, 125_000)).toBe('2 m ago');
  });
});

describe('ticks', () => {
  it('ticks - round steps, in minutes and hours for time', () => {
    expect(niceStep(0.37, 4, 'number')).toBe(0.1);
    expect(niceStep(9000, 4, 'bytes')).toBe(2500);
    expect(niceStep(800, 4, 'seconds')).toBe(300);
    expect(niceStep(0.8, 4, 'seconds')).toBe(0.2);
    expect(roundTicks(1, 25, 5)).toEqual([5, 10, 15, 20, 25]);
    expect(roundTicks(0.05, 0.35, 0.1)).toEqual([0.1, 0.2, 0.3]);
  });

  it('ticks - logarithmic ones are round, within the axis and not too many', () => {
    expect(logTicks(5e-4, 5e-3, 9)).toEqual([5e-4, 7e-4, 1e-3, 2e-3, 3e-3, 5e-3]);
    fc.assert(
      fc.property(
        fc.double({ min: -8, max: 8, noNaN: true }),
        fc.double({ min: 0.3, max: 12, noNaN: true }),
        (at, decades) => {
          const [low, high] = [10 ** at, 10 ** (at + decades)];
          const ticks = logTicks(low, high, 7);
          expect(ticks.length).toBeLessThanOrEqual(7);
          for (const tick of ticks) expect(tick >= low * 0.999999 && tick <= high * 1.000001).toBe(true);
          expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
        },
      ),
    );
  });

  it('ticks - there is always a finite number of linear ones', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e12, noNaN: true }),
        fc.integer({ min: 2, max: 10 }),
        (range, pieces) => {
          for (const unit of ['number', 'bytes', 'seconds'] as const) {
            const step = niceStep(range, pieces, unit);
            expect(range / step).toBeLessThanOrEqual(pieces * 1.000001);
            expect(range / step).toBeGreaterThan(pieces / 6);
          }
        },
      ),
    );
    expect(niceStep(0, 4, 'number')).toBe(1);
  });
});

describe('address', () => {
  it('address - a view survives being written down and read again', () => {
    const view = {
      x: 'lr',
      colour: '',
      metrics: ['accuracy', 'f1'],
      where: 'lr < 0.01 && optimizer == "a?b"',
      sort: '-metric:accuracy',
      state: 'failed',
      select: ['3', '7'],
      trial: 12,
    };
    const route = { page: 'sweep', sweepId: 'a b/c', tab: 'trials', view } as const;
    expect(parseRoute(formatRoute(route))).toEqual(route);
    const others = [{ page: 'list' }, { page: 'workers' }, { page: 'compare', sweeps: ['a', 'b'] }] as const;
    for (const other of others) expect(parseRoute(formatRoute(other))).toEqual(other);
  });

  it('address - nonsense is the list, or a view without it', () => {
    const overview = { page: 'sweep', tab: 'overview', view: {} };
    expect(parseRoute('')).toEqual({ page: 'list' });
    expect(parseRoute('#/elsewhere')).toEqual({ page: 'list' });
    expect(parseRoute('#/sweeps/x?trial=-1')).toEqual({ ...overview, sweepId: 'x' });
    expect(parseRoute('#/sweeps/x/nothing')).toEqual({ ...overview, sweepId: 'x' });
    expect(parseRoute('#/sweeps/%E0%A4%A')).toEqual({ ...overview, sweepId: '%E0%A4%A' });
  });
});

describe('thin', () => {
  it('thin - at most so many, evenly, with the first and the last', () => {
    const items = Array.from({ length: 1000 }, (_, i) => i);
    const few = thin(items, 5);
    expect(few).toEqual([0, 250, 500, 749, 999]);
    expect(thin(items, 1000)).toEqual(items);
    expect(thin([1], 5)).toEqual([1]);
  });
});
