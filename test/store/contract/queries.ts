import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrialQuery } from '../../../src/store/sweep-store.js';
import type { StorePlace } from './harness.js';
import { begin, newTrials, StoreHarness } from './harness.js';

/** Reading, and reading much. */
export function queries(makePlace: () => Promise<StorePlace>): void {
  describe('queries', () => {
    let harness: StoreHarness;
    beforeAll(async () => void (harness = await StoreHarness.make(makePlace)));
    afterAll(() => harness.dispose());

    /** Trials 0 to 5: accuracy 0.3, 0.1, 0.3, none, 0.2 and one that is queued; loss the other way round. */
    async function ranked(objectives: Record<string, 'maximize' | 'minimize'>): Promise<string> {
      const sweepId = await harness.newTrials(6, { objectives });
      const results = [0.3, 0.1, 0.3, undefined, 0.2].map((accuracy, number) => ({
        number,
        attempt: 1,
        state: number === 3 ? ('failed' as const) : ('completed' as const),
        metrics: accuracy === undefined ? {} : { accuracy, "lo'ss $.x": -accuracy, time: number },
        finishedAt: 9000 + number,
      }));
      await harness.store.record({ sweepId, started: results.map(({ number }) => begin(number)), results });
      return sweepId;
    }

    test.each([
      ['a first objective', { accuracy: 'maximize' }],
      ['a fourth objective', { a: 'maximize', b: 'maximize', c: 'minimize', accuracy: 'maximize' }],
      [
        'a fifth objective',
        { a: 'maximize', b: 'maximize', c: 'minimize', d: 'maximize', accuracy: 'maximize' },
      ],
      ['no objective', { time: 'minimize' }],
    ] as const)(
      'ordering by a metric that is %s - ranks, ties by number, those without it last',
      async (_, objectives) => {
        const sweepId = await ranked(objectives);
        const numbers = async (query: TrialQuery) =>
          (await harness.store.trials(sweepId, query)).map(({ number }) => number);
        const by = (metric: string, direction: 'ascending' | 'descending') => ({
          orderBy: { metric, direction },
        });
        expect(await numbers(by('accuracy', 'descending'))).toEqual([0, 2, 4, 1, 3, 5]);
        expect(await numbers(by('accuracy', 'ascending'))).toEqual([1, 4, 0, 2, 3, 5]);
        expect(await numbers(by("lo'ss $.x", 'ascending'))).toEqual([0, 2, 4, 1, 3, 5]);
        expect(await numbers(by('unheard of', 'ascending'))).toEqual([0, 1, 2, 3, 4, 5]);
        expect(await numbers({ ...by('accuracy', 'descending'), limit: 2, offset: 1 })).toEqual([2, 4]);
        expect(await numbers({ ...by('accuracy', 'ascending'), states: ['failed', 'queued'] })).toEqual([
          3, 5,
        ]);
      },
    );

    test('trials - come by number, by states, a part at a time', async () => {
      const sweepId = await ranked({ accuracy: 'maximize' });
      const numbers = async (query?: TrialQuery) =>
        (await harness.store.trials(sweepId, query)).map(({ number }) => number);
      expect(await numbers()).toEqual([0, 1, 2, 3, 4, 5]);
      expect(await numbers({ states: ['completed'], limit: 2 })).toEqual([0, 1]);
      expect(await numbers({ offset: 4 })).toEqual([4, 5]);
      expect(await numbers({ limit: 0 })).toEqual([]);
      expect(await numbers({ states: [] })).toEqual([]);
    });

    test('changes - come oldest first and as many as are wanted', async () => {
      const sweepId = await harness.newTrials(3);
      await harness.store.record({ sweepId, started: [begin(2), begin(0)] });
      const changes = await harness.store.changesSince(sweepId, 0, 10);
      expect(changes.map(({ revision, trial }) => [revision, trial.number])).toEqual([
        [2, 1],
        [4, 0],
        [5, 2],
      ]);
      expect(await harness.store.changesSince(sweepId, 2, 1)).toEqual(changes.slice(1, 2));
      expect(await harness.store.changesSince(sweepId, 5, 10)).toEqual([]);
    });

    test('outlines - say shortly what changes say', async () => {
      const sweepId = await ranked({ accuracy: 'maximize' });
      await harness.store.record({
        sweepId,
        requeued: [{ number: 3, attempt: 0, finishedAt: 9500 }],
        started: [{ ...begin(3, 2), workerId: 'a "worker" [3]' }, begin(5)],
        reports: [
          { number: 5, attempt: 1, sequence: 1, step: 0.1, metrics: { loss: 0.1 + 0.2 }, reportedAt: 1 },
        ],
      });
      const changes = await harness.store.changesSince(sweepId, 0, 100);
      const outlines = await harness.store.outlinesSince(sweepId, 0, 100);
      expect(outlines).toEqual(
        changes.map(({ revision, trial }) => ({
          revision,
          number: trial.number,
          configuration: trial.configuration,
          replicate: trial.replicate,
          parameters: trial.parameters,
          state: trial.state,
          attempts: trial.attempts,
          metrics: trial.metrics,
          lastStep: trial.lastStep ?? null,
          failureClass: trial.failure?.class ?? null,
          workerId: trial.workerId ?? null,
          createdAt: trial.createdAt,
          startedAt: trial.startedAt ?? null,
          finishedAt: trial.finishedAt ?? null,
        })),
      );
      const [first] = outlines;
      expect(await harness.store.outlinesSince(sweepId, first?.revision ?? 0, 2)).toEqual(
        outlines.slice(1, 3),
      );
    });

    test('attempts and reports of several trials - are those of each', async () => {
      const sweepId = await harness.newTrials(4);
      const report = (number: number, sequence: number) => ({
        number,
        attempt: 1,
        sequence,
        step: sequence,
        metrics: { loss: sequence / 7 },
        reportedAt: sequence,
      });
      const reports = [0, 1, 3].flatMap((number) => [1, 2, 3, 4, 5, 6].map((n) => report(number, n)));
      await harness.store.record({ sweepId, started: [begin(0), begin(1), begin(3)], reports });
      await harness.store.record({ sweepId, started: [begin(3, 2)] });
      const all = await harness.store.trials(sweepId);
      expect(await harness.store.trialsOf(sweepId, [3, 99, 0])).toEqual([all[0], all[3]]);
      const each = await Promise.all([1, 3].map((number) => harness.store.attempts({ sweepId, number })));
      expect(await harness.store.attemptsOf(sweepId, [3, 2, 1])).toEqual(each.flat());
      const some = await harness.store.reportsOf(sweepId, [3, 0], 3);
      expect(some).toEqual([0, 3].flatMap((number) => [1, 3, 6].map((n) => report(number, n))));
      expect(await harness.store.reportsOf(sweepId, [], 1)).toEqual([]);
    });

    test(
      '10,000 trials - are written, counted, ranked and read in seconds',
      { timeout: 120_000 },
      async () => {
        const { id: sweepId } = await harness.newSweep();
        const count = 10_000;
        const group = 100;
        for (let first = 0; first < count; first += group) {
          await harness.store.addTrials(sweepId, newTrials(group, first));
          const numbers = Array.from({ length: group }, (_, index) => first + index);
          await harness.store.record({
            sweepId,
            started: numbers.map((number) => begin(number)),
            reports: numbers.map((number) => ({
              number,
              attempt: 1,
              sequence: 1,
              step: 1,
              metrics: {},
              reportedAt: 1,
            })),
            results: numbers.map((number) => ({
              number,
              attempt: 1,
              state: 'completed',
              metrics: { accuracy: (number * 7919) % count, time: number },
              finishedAt: 1,
            })),
          });
        }
        const started = performance.now();
        expect((await harness.store.countTrials(sweepId)).completed).toBe(count);
        const orderBy = { metric: 'accuracy', direction: 'descending' } as const;
        const best = await harness.store.trials(sweepId, { orderBy, limit: 3 });
        expect(best.map(({ metrics }) => metrics['accuracy'])).toEqual([count - 1, count - 2, count - 3]);
        expect(await harness.store.changesSince(sweepId, 2 * count - 10, 100)).toHaveLength(10);
        // Milliseconds each; the bound only catches what looks at every trial for each of them.
        expect(performance.now() - started).toBeLessThan(3000);
        const all = await harness.store.trials(sweepId);
        expect(all.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, number) => number));
      },
    );
  });
}
