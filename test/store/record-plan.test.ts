import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordPlan, TrialProgress } from '../../src/store/record-plan.js';
import { numbersOf, planRecord } from '../../src/store/record-plan.js';
import type { RecordBatch } from '../../src/store/sweep-store.js';
import { mayFollow } from '../../src/sweep/trial.js';
import type { AnyEvent } from './contract/events.js';
import { anyEvent } from './contract/events.js';
import { begin, report } from './contract/harness.js';

const queued: TrialProgress = { number: 0, state: 'queued', attempts: 0, sequence: 0, metrics: {} };
const running: TrialProgress = {
  ...queued,
  state: 'running',
  attempts: 2,
  sequence: 3,
  metrics: { accuracy: 0.5 },
  workerId: 'worker-2',
  startedAt: 4002,
};
const lost = { class: 'lost', message: 'gone' } as const;

type Batch = Omit<RecordBatch, 'sweepId' | 'amendments'>;
const plan = (trial: TrialProgress, batch: Batch): RecordPlan =>
  planRecord(new Map([[trial.number, trial]]), { sweepId: 'sweep', ...batch });

describe('record plan', () => {
  test('an attempt that begins while another runs - ends that one as lost', () => {
    const { trials, attempts, counts } = plan(running, { started: [begin(0, 3)] });
    expect(trials).toEqual([
      { ...queued, state: 'running', attempts: 3, workerId: 'worker-3', startedAt: 4003 },
    ]);
    expect(attempts).toEqual([
      {
        ...begin(0, 2),
        finishedAt: 4003,
        outcome: 'failed',
        failure: { class: 'lost', message: 'attempt 3 began' },
      },
      begin(0, 3),
    ]);
    expect([...counts]).toEqual([['running', 0]]);
  });

  test('what names an attempt that does not run - changes nothing', () => {
    const batches: Batch[] = [
      { started: [begin(0, 2)] },
      { reports: [{ ...report(0, 9, { accuracy: 1 }), attempt: 1 }] },
      { reports: [{ ...report(0, 3, { accuracy: 1 }), attempt: 2 }] },
      { results: [{ number: 0, attempt: 1, state: 'completed', metrics: {}, finishedAt: 1 }] },
      { results: [{ number: 0, attempt: 0, state: 'cancelled', metrics: {}, finishedAt: 1 }] },
      { results: [{ number: 0, attempt: 3, state: 'completed', metrics: {}, finishedAt: 1 }] },
      { requeued: [{ number: 0, attempt: 1, failure: lost, finishedAt: 1 }] },
    ];
    for (const batch of batches) {
      expect(plan(running, batch), JSON.stringify(batch)).toMatchObject({
        trials: [],
        attempts: [],
        accepted: [],
      });
    }
    // And after it was queued again.
    const again: TrialProgress = { ...queued, attempts: 2 };
    for (const batch of [
      { results: [{ number: 0, attempt: 2, state: 'failed', metrics: {}, finishedAt: 1 }] } as const,
      { requeued: [{ number: 0, attempt: 2, failure: lost, finishedAt: 1 }] },
    ]) {
      expect(plan(again, batch)).toMatchObject({ trials: [], accepted: [] });
    }
  });

  test('an attempt that was granted and never began - may end, and its number is not given again', () => {
    const requeued = plan(queued, { requeued: [{ number: 0, attempt: 1, failure: lost, finishedAt: 1 }] });
    expect(requeued).toMatchObject({ trials: [{ state: 'queued', attempts: 1 }], attempts: [] });
    const result = {
      number: 0,
      attempt: 1,
      state: 'failed',
      metrics: {},
      failure: lost,
      finishedAt: 1,
    } as const;
    expect(plan(queued, { results: [result] })).toMatchObject({
      trials: [{ state: 'failed', attempts: 1, failure: lost }],
      accepted: [0],
    });
  });

  test('a queued trial - can be cancelled or pruned and can fail, and not complete', () => {
    for (const [state, accepted] of [
      ['cancelled', [0]],
      ['failed', [0]],
      ['completed', []],
      ['pruned', [0]],
    ] as const) {
      const results = [{ number: 0, attempt: 0, state, metrics: {}, finishedAt: 1 }];
      expect(plan(queued, { results }).accepted, state).toEqual(accepted);
    }
  });

  test('trials - come by number, and each counts once', () => {
    const trials = new Map([3, 1, 2].map((number) => [number, { ...queued, number }]));
    const batch = {
      sweepId: 'sweep',
      started: [begin(3), begin(1)],
      results: [{ number: 1, attempt: 1, state: 'completed', metrics: {}, finishedAt: 1 }],
    } as const;
    expect(numbersOf(batch)).toEqual([1, 3]);
    const { trials: changed, counts } = planRecord(trials, batch);
    expect(changed.map(({ number, state }) => [number, state])).toEqual([
      [1, 'completed'],
      [3, 'running'],
    ]);
    expect(Object.fromEntries(counts)).toEqual({ queued: -2, completed: 1, running: 1 });
  });

  test('any event in any state - leads where the table allows', () => {
    fc.assert(
      fc.property(fc.array(anyEvent(1), { maxLength: 60 }), (events) => {
        let trial = queued;
        for (const { batch } of events) {
          const next = plan(trial, batch).trials[0] ?? trial;
          if (next.state !== trial.state) {
            expect(mayFollow(trial.state, next.state), `${trial.state} -> ${next.state}`).toBe(true);
          }
          expect(next.attempts).toBeGreaterThanOrEqual(trial.attempts);
          trial = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('one batch - ends where its events end one by one', () => {
    const order = ['started', 'reports', 'results', 'paused', 'requeued'] as const;
    const rank = ({ attempt, batch }: AnyEvent): number =>
      (attempt || 9) * order.length + order.findIndex((field) => batch[field]);
    fc.assert(
      fc.property(fc.array(anyEvent(2), { maxLength: 12 }), (events) => {
        const numbers = [0, 1];
        const start = new Map(numbers.map((number) => [number, { ...queued, number }]));
        const together: Record<string, unknown[]> = {};
        for (const { batch } of events) {
          for (const [field, some] of Object.entries(batch)) (together[field] ??= []).push(...some);
        }
        const whole = planRecord(start, { sweepId: 'sweep', ...together });

        const stepwise = new Map<number, TrialProgress>(start);
        for (const event of [...events].sort((a, b) => rank(a) - rank(b))) {
          for (const trial of planRecord(stepwise, { sweepId: 'sweep', ...event.batch }).trials) {
            stepwise.set(trial.number, trial);
          }
        }
        const ends = new Map<number, TrialProgress>(start);
        for (const trial of whole.trials) ends.set(trial.number, trial);
        expect(ends).toEqual(stepwise);
      }),
      { numRuns: 500 },
    );
  });
});
