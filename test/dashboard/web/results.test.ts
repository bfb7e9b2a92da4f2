import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/dashboard/ranking.js';
import { bestSoFar } from '../../../src/dashboard/web/data/best-so-far.js';
import { directionOf, metricNames } from '../../../src/dashboard/web/data/metrics.js';
import { progressOf } from '../../../src/dashboard/web/data/progress.js';
import { tradeOff, tradeOffPairs } from '../../../src/dashboard/web/data/trade-off.js';
import { sortTrials } from '../../../src/dashboard/web/data/trial-rows.js';
import { presenceOf } from '../../../src/dashboard/web/data/presence.js';
import type { WorkerRecord } from '../../../src/store/sweep-store.js';
import type { SweepView } from '../../../src/dashboard/api.js';
import { definition } from '../support/sweeps.js';
import { trial } from './trials.js';

const sweep = definition({ limits: ['memory <= 100'] });
const result = (number: number, accuracy: number, memory: number, time: number, finishedAt = number) =>
  trial({ number, metrics: { accuracy, memory, time }, finishedAt });

describe('best so far', () => {
  it('best so far - steps in the order of finishing, by feasible trials alone', () => {
    const trials = [result(0, 0.5, 10, 1, 30), result(1, 0.4, 10, 1, 10), result(2, 0.9, 500, 1, 20)];
    expect(bestSoFar(sweep, trials)).toEqual({
      points: [
        { x: 1, y: 0.4, trial: 1 },
        { x: 2, y: 0.9, trial: 2 },
        { x: 3, y: 0.5, trial: 0 },
      ],
      steps: [
        { x: 1, y: 0.4 },
        { x: 3, y: 0.5 },
      ],
    });
  });

  it('best so far - less is better where the objective says so, and the last value holds to the end', () => {
    const loss = definition({ objectives: { loss: 'minimize' } });
    const trials = [3, 1, 2].map((value, number) =>
      trial({ number, metrics: { loss: value }, finishedAt: number }),
    );
    expect(bestSoFar(loss, trials).steps).toEqual([
      { x: 1, y: 3 },
      { x: 2, y: 1 },
      { x: 3, y: 1 },
    ]);
    expect(bestSoFar(loss, [])).toEqual({ points: [], steps: [] });
  });
});

describe('trade-off', () => {
  it('trade-off - the front has feasible configurations alone, by ascending cost', () => {
    const trials = [
      result(0, 0.7, 20, 5),
      result(1, 0.9, 90, 4),
      result(2, 0.6, 30, 1),
      result(3, 0.99, 500, 1),
    ];
    const ranked = rank(sweep, trials);
    const [memory, time] = tradeOffPairs(sweep, ['accuracy', 'memory', 'time']).map((pair) =>
      tradeOff(pair, ranked),
    );
    const numbers = (results: readonly { configuration: number }[] | undefined) =>
      results?.map(({ configuration }) => configuration);
    expect(numbers(memory?.front)).toEqual([0, 1]);
    expect(numbers(memory?.others)?.sort()).toEqual([2, 3]);
    expect(numbers(time?.front)).toEqual([2, 1]);
  });

  it('trade-off - by the means of replicates', () => {
    const trials = [
      trial({ number: 0, configuration: 0, metrics: { accuracy: 0.9, memory: 10 } }),
      trial({ number: 1, configuration: 0, metrics: { accuracy: 0.5, memory: 10 } }),
      trial({ number: 2, configuration: 1, metrics: { accuracy: 0.8, memory: 10 } }),
    ];
    const [pair] = tradeOffPairs(sweep, ['memory']);
    expect(
      pair && tradeOff(pair, rank(sweep, trials)).front.map(({ configuration }) => configuration),
    ).toEqual([1]);
  });

  it('trade-off - against other objectives, and against memory and time where they are reported', () => {
    const single = definition({ objectives: { loss: 'minimize' } });
    expect(tradeOffPairs(single, ['loss', 'f1'])).toEqual([]);
    expect(tradeOffPairs(single, ['loss', 'time', 'f1'])).toEqual([
      { x: { metric: 'time', direction: 'minimize' }, y: { metric: 'loss', direction: 'minimize' } },
    ]);
    expect(directionOf(single, 'f1')).toBeUndefined();
  });
});

describe('metrics', () => {
  it('metrics - objectives first, then memory and time, then the others as they were reported', () => {
    const single = definition({ objectives: { accuracy: 'maximize' } });
    const trials = [
      trial({ metrics: { f1: 1, time: 2, accuracy: 1 } }),
      trial({ metrics: { memory: 1, loss: 2 } }),
    ];
    expect(metricNames(single, trials)).toEqual(['accuracy', 'memory', 'time', 'f1', 'loss']);
    expect(metricNames(single, [])).toEqual(['accuracy']);
  });
});

describe('progress', () => {
  const view = (changes: Partial<SweepView> = {}): SweepView => ({
    id: 'sweep000',
    definition: sweep,
    state: 'running',
    usage: { seconds: 0, slotSeconds: 0 },
    createdAt: 0,
    planned: 100,
    selectsOnTest: false,
    actions: { stop: false },
    ...changes,
  });
  const ended = (n: number, every: number) =>
    Array.from({ length: n }, (_, number) => trial({ number, finishedAt: number * every }));

  it('progress - counts by state; what is done has its result', () => {
    const progress = progressOf(view(), [
      ...ended(3, 1000),
      trial({ state: 'failed' }),
      trial({ state: 'running' }),
    ]);
    expect(progress).toMatchObject({
      done: 4,
      total: 100,
      totalIsKnown: true,
      counts: { completed: 3, running: 1 },
    });
  });

  it('progress - rate and time left follow the last trials', () => {
    const slowThenFast = [
      ...ended(10, 60_000),
      ...ended(40, 1000).map((t) => ({ ...t, finishedAt: 6e6 + (t.finishedAt ?? 0) })),
    ];
    const { rate, secondsLeft } = progressOf(view(), slowThenFast);
    expect(rate).toBeCloseTo(1, 6);
    expect(secondsLeft).toBeCloseTo(50, 4);
  });

  it('progress - says nothing that is not known', () => {
    expect(progressOf(view(), ended(1, 1000))).not.toHaveProperty('rate');
    const unplanned = view();
    delete (unplanned as { planned?: number }).planned;
    expect(progressOf(unplanned, ended(5, 1000))).toMatchObject({ total: 5, totalIsKnown: false });
    expect(progressOf(unplanned, ended(5, 1000))).not.toHaveProperty('secondsLeft');
    expect(progressOf(view({ state: 'completed' }), ended(5, 1000))).not.toHaveProperty('secondsLeft');
  });
});

describe('workers', () => {
  it('workers - one that nothing was heard of for a minute is silent, whatever it was last', () => {
    const worker = { state: 'running', seenAt: 100_000 } as WorkerRecord;
    expect(presenceOf(worker, 130_000)).toBe('running');
    expect(presenceOf(worker, 161_000)).toBe('silent');
    expect(presenceOf({ ...worker, state: 'lost' }, 161_000)).toBe('lost');
  });
});

describe('rows', () => {
  it('rows - sorted by any column, those without it last in both directions', () => {
    const trials = [result(0, 0.5, 1, 1), trial({ number: 1 }), result(2, 0.9, 1, 1), result(3, 0.5, 1, 1)];
    const numbers = (sort: string) => sortTrials(trials, sort).map(({ number }) => number);
    expect(numbers('metric:accuracy')).toEqual([0, 3, 2, 1]);
    expect(numbers('-metric:accuracy')).toEqual([2, 0, 3, 1]);
    expect(numbers('-number')).toEqual([3, 2, 1, 0]);
    const live = [
      trial({ number: 4, state: 'queued' }),
      trial({ number: 5, state: 'running' }),
      result(6, 1, 1, 1, 99),
    ];
    expect(sortTrials([...trials, ...live], '-activity').map(({ number }) => number)).toEqual([
      5, 6, 3, 2, 0, 1, 4,
    ]);
    expect(numbers('parameter:nothing')).toEqual([0, 1, 2, 3]);
  });
});
