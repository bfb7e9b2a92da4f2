import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TimelineAnswer } from '../../src/dashboard/api/views.js';
import { ServedStore } from './support/serve.js';
import { definition } from './support/sweeps.js';

describe('timeline of very many attempts', () => {
  const n = 3_000;
  const begin = Date.now() - 3_600_000;
  let served: ServedStore;
  let id: string;
  beforeAll(async () => {
    served = await ServedStore.open();
    ({ id } = await served.store.createSweep({ definition: definition(), source: '' }));
    const numbers = Array.from({ length: n }, (_, number) => number);
    await served.store.addTrials(
      id,
      numbers.map((number) => ({
        ...{ number, configuration: number, replicate: 0, seed: number },
        parameters: { nhidden: 1, lr: 0.001, optimizer: 'adam' },
      })),
    );
    await served.store.record({
      sweepId: id,
      started: numbers.map((number) => ({
        ...{ number, attempt: 1, workerId: 'w' },
        startedAt: begin + number * 1000,
      })),
      results: numbers.map((number) => ({
        ...{ number, attempt: 1, metrics: { accuracy: 0.5 }, finishedAt: begin + number * 1000 + 990 },
        ...(number === 1_500
          ? ({ state: 'failed', failure: { class: 'lost', message: 'gone' } } as const)
          : ({ state: number % 2 ? 'completed' : 'pruned' } as const)),
      })),
    });
    await served.store.setSweepState(id, 'completed');
  });
  afterAll(() => served.close());

  it('timeline - what is too short to be told apart is one span, whatever came of it; what was lost is seen', async () => {
    const response = await served.get(`/api/v1/sweeps/${id}/timeline?bins=100`);
    const { total, workers } = (await response.json()) as TimelineAnswer;
    expect(total).toBe(n);
    const [worker] = workers;
    expect(worker?.attempts).toBe(n);
    expect(worker?.spans.length).toBeLessThanOrEqual(200);
    expect(worker?.spans.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(n);
    const lost = worker?.spans.filter(({ outcome }) => outcome === 'lost') ?? [];
    expect(lost).toHaveLength(1);
    expect(lost[0]?.from).toBeLessThanOrEqual(begin + 1_500_000);
    expect(lost[0]?.to).toBeGreaterThanOrEqual(begin + 1_500_990);
  });
});
