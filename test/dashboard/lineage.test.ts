import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bestAnswer } from '../../src/dashboard/api/charts.js';
import { sweepsAnswer, trialDetailAnswer } from '../../src/dashboard/api/sweeps.js';
import { storePopulation } from './support/population.js';
import { storeRichSweep } from './support/rich-sweep.js';
import { ServedStore } from './support/serve.js';

describe('lineage', () => {
  let served: ServedStore;
  beforeAll(async () => {
    served = await ServedStore.open();
    await storePopulation(served.store);
    await storeRichSweep(served.store);
  });
  afterAll(() => served.close());

  const detail = async (sweep: string, number: number) =>
    trialDetailAnswer.parse(await (await served.get(`/api/v1/sweeps/${sweep}/trials/${number}`)).json());

  it('lineage - the intervals that led to a trial with their reports, and those that go on from it', async () => {
    const first = (await detail('population', 0)).lineage;
    expect(first).toEqual({ member: 0, generation: 0, before: [], after: [2, 3], reports: [] });
    const last = (await detail('population', 5)).lineage;
    expect(last).toMatchObject({ member: 1, generation: 2, before: [0, 3], after: [] });
    expect(last?.reports.map(({ number, step }) => [number, step])).toEqual([
      ...[1, 2, 3, 4].map((step) => [0, step]),
      ...[5, 6, 7, 8].map((step) => [3, step]),
    ]);
  });

  it('best - of a population each member once, at the last interval that it has completed', async () => {
    const ask = async (where = '') =>
      bestAnswer.parse(await (await served.get(`/api/v1/sweeps/population/best?top=5${where}`)).json());
    const { ranked, configurations, intervals } = await ask();
    expect(ranked.map(({ rank, trials }) => [rank, trials])).toEqual([
      [1, [4]],
      [2, [5]],
    ]);
    expect(configurations).toBe(2);
    expect(intervals).toMatch(/^2 members, each at the last interval that it has completed \(.* all 6\)/);
    expect((await ask('&where=number<3')).ranked.map(({ trials }) => trials)).toEqual([[2], [1]]);
    const { sweeps } = sweepsAnswer.parse(await (await served.get('/api/v1/sweeps')).json());
    const listed = sweeps.find(({ name }) => name === 'population')?.best?.parameters;
    expect(listed).toEqual(ranked[0]?.parameters);
    const alone = bestAnswer.parse(await (await served.get('/api/v1/sweeps/har-gru/best')).json());
    expect(alone).not.toHaveProperty('intervals');
  });

  it('lineage - a trial that is a training of its own has none', async () => {
    expect(await detail('har-gru', 7)).not.toHaveProperty('lineage');
  });
});
