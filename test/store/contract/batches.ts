import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DecisionRecord, RecordBatch } from '../../../src/store/sweep-store.js';
import type { StorePlace } from './harness.js';
import { begin, newTrials, report, StoreHarness } from './harness.js';

/** Trials, attempts, reports and decisions as they are written. */
export function batches(makePlace: () => Promise<StorePlace>): void {
  describe('batches', () => {
    let harness: StoreHarness;
    beforeAll(async () => void (harness = await StoreHarness.make(makePlace)));
    afterAll(() => harness.dispose());

    test('trials - are kept as they were given, once', async () => {
      const { id } = await harness.newSweep();
      const trial = {
        number: 0,
        configuration: 7,
        replicate: 2,
        seed: 4_294_967_295,
        parameters: {
          zeta: 0.1 + 0.2,
          alpha: 'é"\u0000\ud800',
          flag: false,
          tiny: 5e-324,
          whole: 9007199254740991,
        },
        origin: { point: [1, null, 'x'] },
      };
      await harness.store.addTrials(id, [trial, ...newTrials(2, 1)]);
      await harness.store.addTrials(id, [{ ...trial, seed: 1 }, ...newTrials(2, 2)]);
      const stored = await harness.trial(id, 0);
      expect(stored).toEqual({
        ...trial,
        sweepId: id,
        state: 'queued',
        attempts: 0,
        metrics: {},
        createdAt: stored.createdAt,
      });
      expect(JSON.stringify(stored.parameters)).toBe(JSON.stringify(trial.parameters));
      expect((await harness.store.trials(id)).map(({ number }) => number)).toEqual([0, 1, 2, 3]);
      expect(await harness.store.countTrials(id)).toMatchObject({ queued: 4, running: 0 });
      expect(await harness.revision(id)).toBe(4);
    });

    test('a whole life - is told in one batch or in several, with the same end', async () => {
      const whole: Omit<RecordBatch, 'sweepId'> = {
        started: [begin(0)],
        reports: [report(0, 1, { accuracy: 0.5, loss: 1 }), report(0, 2, { accuracy: 0.6 })],
        results: [
          {
            number: 0,
            attempt: 1,
            state: 'completed',
            metrics: { accuracy: 0.7, memory: 8128 },
            details: { confusion: [[1, 2]] },
            finishedAt: 9000,
          },
        ],
      };
      const once = await harness.newTrials(1);
      expect(await harness.store.record({ sweepId: once, ...whole })).toEqual({ accepted: [0] });
      const steps = await harness.newTrials(1);
      for (const field of ['started', 'reports', 'results'] as const) {
        await harness.store.record({ sweepId: steps, [field]: whole[field] });
      }
      const expected = {
        state: 'completed',
        attempts: 1,
        metrics: { accuracy: 0.7, loss: 1, memory: 8128 },
        lastStep: 20,
        details: { confusion: [[1, 2]] },
        workerId: 'worker-1',
        startedAt: 4001,
        finishedAt: 9000,
      };
      for (const sweepId of [once, steps]) {
        expect(await harness.trial(sweepId, 0)).toMatchObject(expected);
        expect(await harness.store.attempts({ sweepId, number: 0 })).toEqual([
          { ...begin(0), finishedAt: 9000, outcome: 'completed' },
        ]);
        expect(await harness.store.reports({ sweepId, number: 0 })).toEqual(whole.reports);
        expect(await harness.store.countTrials(sweepId)).toMatchObject({
          queued: 0,
          running: 0,
          completed: 1,
        });
      }
      expect(await harness.revision(once)).toBe(2);
      expect(await harness.revision(steps)).toBe(4);
    });

    test('a paused trial - keeps its metrics, goes on as a new attempt, or is pruned where it is', async () => {
      const sweepId = await harness.newTrials(2);
      const pause = (number: number) => ({ number, attempt: 1, reason: 'rank 2 of 3', finishedAt: 9000 });
      await harness.store.record({
        sweepId,
        started: [begin(0), begin(1)],
        reports: [report(0, 1, { accuracy: 0.5 }), report(1, 1, { accuracy: 0.6 })],
        paused: [pause(0), pause(1)],
      });
      const paused = { state: 'paused', metrics: { accuracy: 0.5 }, reason: 'rank 2 of 3', attempts: 1 };
      expect(await harness.trial(sweepId, 0)).toMatchObject(paused);
      expect((await harness.store.attempts({ sweepId, number: 0 }))[0]).toMatchObject({ outcome: 'paused' });
      expect(await harness.store.countTrials(sweepId)).toMatchObject({ paused: 2, running: 0 });
      // Late words of the attempt that ended change nothing.
      const late = { number: 0, attempt: 1, state: 'completed', metrics: {}, finishedAt: 9001 } as const;
      expect(await harness.store.record({ sweepId, results: [late], paused: [pause(0)] })).toEqual({
        accepted: [],
      });
      const end = {
        number: 1,
        attempt: 0,
        state: 'pruned',
        metrics: {},
        reason: 'rank 3 of 3',
        finishedAt: 9100,
      };
      const { accepted } = await harness.store.record({
        sweepId,
        requeued: [{ number: 0, attempt: 0, finishedAt: 9100 }],
        results: [{ ...end, state: 'pruned' }],
      });
      expect(accepted).toEqual([1]);
      expect(await harness.trial(sweepId, 0)).toMatchObject({ state: 'queued', attempts: 1, metrics: {} });
      expect(await harness.trial(sweepId, 1)).toMatchObject({
        state: 'pruned',
        metrics: { accuracy: 0.6 },
        reason: 'rank 3 of 3',
      });
      const curves = await harness.store.reportsBetween(sweepId, 0, 1);
      expect(curves).toEqual(await harness.store.reports({ sweepId, number: 0 }));
      expect(await harness.store.reportsBetween(sweepId, 0, 2)).toHaveLength(2);
    });

    test('a second result - is ignored and told as such', async () => {
      const sweepId = await harness.newTrials(2);
      const end = (number: number, accuracy: number, finishedAt: number) =>
        ({ number, attempt: 1, state: 'completed', metrics: { accuracy }, finishedAt }) as const;
      await harness.store.record({ sweepId, started: [begin(0), begin(1)] });
      const first = await harness.store.record({ sweepId, results: [end(0, 0.5, 9000), end(0, 0.6, 9001)] });
      expect(first.accepted).toEqual([0]);
      const second = await harness.store.record({ sweepId, results: [end(0, 0.9, 9002), end(1, 0.4, 9003)] });
      expect(second.accepted).toEqual([1]);
      expect(await harness.trial(sweepId, 0)).toMatchObject({ metrics: { accuracy: 0.5 }, finishedAt: 9000 });
    });

    test('a failure - is kept with the trial and the attempt, whatever the program printed', async () => {
      const sweepId = await harness.newTrials(1);
      const failure = { class: 'crash', message: 'exit code 1:\u0000 \ud800 "quoted" \\ é' } as const;
      const kept = { class: 'crash', message: 'exit code 1:\uFFFD \uFFFD "quoted" \\ é' };
      const result = {
        number: 0,
        attempt: 1,
        state: 'failed',
        metrics: {},
        failure,
        finishedAt: 9000,
      } as const;
      await harness.store.record({ sweepId, started: [begin(0)], results: [result] });
      expect((await harness.trial(sweepId, 0)).failure).toEqual(kept);
      expect((await harness.store.attempts({ sweepId, number: 0 }))[0]).toMatchObject({
        outcome: 'failed',
        failure: kept,
      });
    });

    test('a new attempt - begins anew, and the one before keeps its end and its curve', async () => {
      const sweepId = await harness.newTrials(1);
      const failure = { class: 'lost', message: 'worker-1 is gone' } as const;
      await harness.store.record({
        sweepId,
        started: [begin(0), begin(0, 2)],
        reports: [
          report(0, 1, { accuracy: 0.5, extra: 1 }),
          { ...report(0, 1, { accuracy: 0.1 }), attempt: 2 },
        ],
        requeued: [{ number: 0, attempt: 1, failure, finishedAt: 6000 }],
      });
      expect(await harness.trial(sweepId, 0)).toMatchObject({
        state: 'running',
        attempts: 2,
        metrics: { accuracy: 0.1 },
        workerId: 'worker-2',
      });
      expect(await harness.store.attempts({ sweepId, number: 0 })).toEqual([
        { ...begin(0), finishedAt: 6000, outcome: 'failed', failure },
        begin(0, 2),
      ]);
      expect(await harness.store.reports({ sweepId, number: 0 })).toHaveLength(2);
    });

    test('what waits - is ended and put back by what names no attempt', async () => {
      const sweepId = await harness.newTrials(1);
      const cancelled = { number: 0, attempt: 0, state: 'cancelled', metrics: {}, finishedAt: 9000 } as const;
      const { accepted } = await harness.store.record({
        sweepId,
        results: [{ ...cancelled, reason: 'the budget ended' }],
      });
      expect(accepted).toEqual([0]);
      expect(await harness.trial(sweepId, 0)).toMatchObject({
        state: 'cancelled',
        reason: 'the budget ended',
      });
      await harness.store.record({ sweepId, requeued: [{ number: 0, attempt: 0, finishedAt: 9100 }] });
      const back = await harness.trial(sweepId, 0);
      expect(back.state).toBe('queued');
      for (const gone of ['reason', 'finishedAt', 'failure', 'details', 'lastStep']) {
        expect(back).not.toHaveProperty(gone);
      }
      expect(await harness.store.attempts({ sweepId, number: 0 })).toEqual([]);
    });

    test('decisions - come oldest first, of the sweep or of one trial, and once', async () => {
      const sweepId = await harness.newTrials(2);
      const made: DecisionRecord[] = [
        { sweepId, action: 'propose', reason: 'grid points 0 to 1', decidedAt: 9 },
        { sweepId, number: 1, action: 'stop', reason: 'asha: rank 7 of 9 at rung 9', decidedAt: 9 },
        { sweepId, number: 0, action: 'retry', reason: 'lost', decidedAt: 8 },
      ];
      await harness.store.record({ sweepId, decisions: made.slice(0, 2) });
      await harness.store.record({ sweepId, decisions: made });
      expect(await harness.store.decisions(sweepId)).toEqual(made);
      expect(await harness.store.decisions(sweepId, 1)).toEqual([made[1]]);
      const about = made.filter(({ number }) => number !== undefined);
      expect(await harness.store.decisionsOf(sweepId, [])).toEqual([]);
      expect(
        await harness.store.decisionsOf(sweepId, [...new Set(about.map(({ number = 0 }) => number))]),
      ).toEqual(about);
      expect(await harness.store.sweepDecisions(sweepId)).toEqual(made.filter((one) => !('number' in one)));
    });

    test('a batch - is written whole or not at all', async () => {
      const sweepId = await harness.newTrials(2);
      const before = await harness.store.changesSince(sweepId, 0, 100);
      const batch: RecordBatch = {
        sweepId,
        started: [begin(0)],
        reports: [report(0, 1, { accuracy: Number.NaN })],
        decisions: [{ sweepId, action: 'x', reason: 'y', decidedAt: 1 }],
      };
      await expect(harness.store.record(batch)).rejects.toThrow(
        'metric accuracy of trial 0 must be a finite number, and is NaN',
      );
      expect(await harness.store.changesSince(sweepId, 0, 100)).toEqual(before);
      expect(await harness.store.attempts({ sweepId, number: 0 })).toEqual([]);
      expect(await harness.store.decisions(sweepId)).toEqual([]);
    });

    test('what is about a trial that does not exist - changes nothing', async () => {
      const sweepId = await harness.newTrials(1);
      const { accepted } = await harness.store.record({
        sweepId,
        started: [begin(5), begin(0)],
        reports: [report(5, 1, { accuracy: 1 })],
        results: [{ number: 5, attempt: 1, state: 'completed', metrics: {}, finishedAt: 1 }],
      });
      expect(accepted).toEqual([]);
      expect(await harness.trial(sweepId, 0)).toMatchObject({ state: 'running' });
      expect(await harness.store.reports({ sweepId, number: 5 })).toEqual([]);
    });

    test('logs and packs - are kept with their attempts, once, whatever was printed', async () => {
      const sweepId = await harness.newTrials(3);
      const log = (number: number, attempt: number, sequence: number, ...lines: string[]) => ({
        ...{ number, attempt, sequence, lines, loggedAt: 1000 + sequence },
      });
      const logs = [log(1, 1, 2, 'loss 0.5', 'é"\u0000\ud800'), log(1, 1, 1, 'begins'), log(0, 1, 1, '')];
      const started = [{ ...begin(0), pack: [0, 1] }, { ...begin(1), pack: [0, 1] }, begin(2)];
      await harness.store.record({ sweepId, started, logs });
      const ended = { number: 0, attempt: 1, metrics: {}, finishedAt: 9 } as const;
      const late = [log(0, 1, 1, 'once'), log(9, 1, 1, 'no such trial')];
      await harness.store.record({ sweepId, started, logs: late, results: [{ ...ended, state: 'failed' }] });
      expect(await harness.store.logsOf(sweepId, [1, 0, 2, 9])).toEqual([
        log(0, 1, 1, ''),
        log(1, 1, 1, 'begins'),
        log(1, 1, 2, 'loss 0.5', 'é"\ufffd\ufffd'),
      ]);
      expect(await harness.store.logsOf(sweepId, [1])).toHaveLength(2);
      const [first] = await harness.store.attempts({ sweepId, number: 0 });
      expect(first).toMatchObject({ pack: [0, 1], outcome: 'failed' });
      expect(await harness.store.attempts({ sweepId, number: 2 })).toEqual([begin(2)]);
    });

    test('a pack - is kept where its attempt begins and ends in one batch', async () => {
      const sweepId = await harness.newTrials(1);
      const ended = { number: 0, attempt: 1, state: 'completed', metrics: {}, finishedAt: 9000 } as const;
      await harness.store.record({ sweepId, started: [{ ...begin(0), pack: [0, 4] }], results: [ended] });
      const [attempt] = await harness.store.attempts({ sweepId, number: 0 });
      expect(attempt).toMatchObject({ pack: [0, 4], outcome: 'completed' });
    });

    test('what was returned - never changes later', async () => {
      const sweepId = await harness.newTrials(1);
      const trial = await harness.trial(sweepId, 0);
      const listed = await harness.store.trials(sweepId);
      const copy = structuredClone({ trial, listed });
      await harness.store.record({ sweepId, started: [begin(0)], reports: [report(0, 1, { accuracy: 1 })] });
      expect({ trial, listed }).toEqual(copy);
      (listed[0]?.parameters as Record<string, number>)['width'] = 99;
      expect((await harness.trial(sweepId, 0)).parameters).toEqual({ width: 0, lr: 0.001 });
    });
  });
}
