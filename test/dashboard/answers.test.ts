import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  bestAnswer,
  frontAnswer,
  historyAnswer,
  pointsAnswer,
  progressAnswer,
  slicesAnswer,
} from '../../src/dashboard/api/charts.js';
import type { SweepRecord } from '../../src/store/sweep-store.js';
import { EventReader } from './support/event-reader.js';
import { fill, report, type FilledTrial } from './support/fill.js';
import { ServedStore } from './support/serve.js';
import { definition } from './support/sweeps.js';

const trial = (nhidden: number, accuracy: number, memory: number, changes: Partial<FilledTrial> = {}) => ({
  parameters: { nhidden, lr: 0.001 * nhidden, optimizer: nhidden % 2 ? 'adam' : 'rmsprop' },
  metrics: { accuracy, memory, time: 60 },
  ...changes,
});

describe('dashboard answers', () => {
  let served: ServedStore;
  let sweep: SweepRecord;
  const reader = { current: new EventReader() };

  beforeEach(async () => {
    served = await ServedStore.open();
    sweep = await served.store.createSweep({ definition: definition(), source: '' });
    await fill(served.store, sweep.id, [
      trial(4, 0.7, 1000),
      trial(8, 0.9, 3000),
      trial(5, 0.4, 900, { state: 'pruned' }),
      trial(16, 0.85, 9000),
      trial(7, 0.1, 100, { state: 'failed' }),
      trial(6, 0.2, 500, { state: 'running' }),
      { parameters: { nhidden: 3, lr: 0.003, optimizer: 'adam' } },
    ]);
    reader.current = new EventReader();
  });
  afterEach(async () => {
    reader.current.close();
    await served.close();
  });

  const ask = async (path: string): Promise<unknown> => {
    const response = await served.get(`/api/v1/sweeps/bowl/${path}`);
    expect(response.status).toBe(200);
    return response.json();
  };

  it('points - what has a result or is on the way to one, in columns', async () => {
    const answer = pointsAnswer.parse(
      await ask('points?x=parameter:nhidden&y=metric:accuracy&with=parameter:optimizer'),
    );
    expect(answer).toMatchObject({ total: 5, absent: 0, numbers: [0, 1, 2, 3, 5] });
    expect(answer.states).toEqual(['completed', 'completed', 'pruned', 'completed', 'running']);
    expect(answer.columns['parameter:nhidden']?.values).toEqual([4, 8, 5, 16, 6]);
    expect(answer.columns['parameter:optimizer']).toEqual({
      log: false,
      categories: ['rmsprop', 'adam'],
      values: [0, 0, 1, 0, 0],
    });
    const some = pointsAnswer.parse(await ask('points?x=number&y=metric:accuracy&where=accuracy+>+0.8'));
    expect(some.numbers).toEqual([1, 3]);
  });

  it('slices - means over completed trials, by the values of a column', async () => {
    const { groups } = slicesAnswer.parse(
      await ask('slices?x=parameter:optimizer&y=metric:accuracy&by=parameter:optimizer'),
    );
    expect(groups.map(({ value }) => value)).toEqual(['rmsprop', 'adam']);
    expect(groups[0]?.slices['metric:accuracy']?.bins).toMatchObject([{ x: 0, n: 3 }]);
    expect(groups[1]?.slices['metric:accuracy']?.bins).toEqual([]);
  });

  it('best, history and front - agree, and follow what is written', async () => {
    const best = async () => bestAnswer.parse(await ask('best?top=2'));
    expect((await best()).ranked.map(({ configuration, rank }) => [configuration, rank])).toEqual([
      [1, 1],
      [3, 2],
    ]);
    const front = async () => frontAnswer.parse(await ask('front?x=memory&y=accuracy'));
    expect((await front()).front.map(({ configuration }) => configuration)).toEqual([0, 1]);
    expect((await front()).others.numbers).toEqual([3]);
    const history = historyAnswer.parse(await ask('history'));
    expect(history.improvements.map(({ number }) => number)).toEqual([0, 1]);
    expect(history.points.numbers).toEqual([0, 1, 3]);

    await fill(served.store, sweep.id, [trial(20, 0.95, 800)], 7);
    expect((await best()).ranked[0]).toMatchObject({ configuration: 7, parameters: { nhidden: 20 } });
    expect((await front()).front.map(({ configuration }) => configuration)).toEqual([7]);
  });

  it('live - says how it stands, and again with a higher revision when a trial has changed', async () => {
    await reader.current.connect(new URL('/api/v1/sweeps/bowl/live', served.url));
    const first = progressAnswer.parse((await reader.current.next('progress')).data);
    expect(first).toMatchObject({
      done: 5,
      total: 100,
      totalIsKnown: true,
      counts: { completed: 3, pruned: 1, failed: 1, running: 1, queued: 1 },
      metrics: ['accuracy', 'memory', 'time'],
      workers: ['worker-a'],
    });
    await report(served.store, sweep.id, 6, 2, { accuracy: 0.99, loss: 1 });
    const next = await reader.current.next('progress');
    const second = progressAnswer.parse(next.data);
    expect(second.revision).toBeGreaterThan(first.revision);
    expect(next.id).toBe(String(second.revision));
    expect(second.metrics).toContain('loss');
  });

  it('points - a part while a large sweep is read for the first time, which says so and is asked for again', async () => {
    const count = 12_000;
    const large = await served.store.createSweep({ definition: definition({ name: 'large' }), source: '' });
    await served.store.addTrials(
      large.id,
      Array.from({ length: count }, (_, number) => ({
        ...{ number, configuration: number, replicate: 0, seed: number },
        parameters: { nhidden: 1 + (number % 20), lr: 0.001, optimizer: 'adam' },
      })),
    );
    await reader.current.connect(new URL(`/api/v1/sweeps/large/live`, served.url));
    const path = '/api/v1/sweeps/large/points?x=number&y=metric:accuracy';
    const part = pointsAnswer.parse(await (await served.get(`${path}&partial=true`)).json());
    const whole = pointsAnswer.parse(await (await served.get(path)).json());
    expect(whole).not.toHaveProperty('partial');
    expect(whole.revision).toBe(count);
    if (part.partial) expect(part.revision).toBeLessThan(whole.revision);
    const seen = [];
    for (;;) {
      const progress = progressAnswer.parse((await reader.current.next('progress')).data);
      seen.push(progress);
      expect(progress.counts.queued).toBe(count);
      if (!progress.reading) break;
      expect(progress.reading.of).toBe(count);
      expect(progress.revision).toBeLessThan(whole.revision);
    }
    expect(seen.at(-1)?.revision).toBe(whole.revision);
  });
});
