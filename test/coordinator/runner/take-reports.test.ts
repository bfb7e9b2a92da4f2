import { describe, expect, it } from 'vitest';
import type { Changes } from '../../../src/coordinator/runner/changes.js';
import { ReportTaker } from '../../../src/coordinator/runner/take-reports.js';
import { TrialBook, type ActiveTrial } from '../../../src/coordinator/runner/trial-book.js';
import type { Report } from '../../../src/messaging/messages.js';
import type { FailureClass } from '../../../src/sweep/trial.js';

type Said =
  | { kind: 'started' }
  | { kind: 'metrics'; step: number; metrics: Record<string, number> }
  | { kind: 'completed'; metrics: Record<string, number>; slotSeconds: number }
  | { kind: 'failed'; failure: { class: FailureClass; message: string }; slotSeconds: number }
  | { kind: 'stopped'; state: 'pruned' | 'cancelled'; reason: string; slotSeconds: number }
  | { kind: 'returned'; reason: string; slotSeconds: number };

/** What a worker says of attempt `attempt` of trial 0. */
function report(attempt: number, sequence: number, said: Said, workerId = 'w1'): Report {
  return { version: 1, sweepId: 's', number: 0, attempt, workerId, sequence, at: 100 + sequence, ...said };
}

const started = (attempt: number, workerId = 'w1'): Report =>
  report(attempt, 0, { kind: 'started' }, workerId);
const metrics = (attempt: number, sequence: number, y: number, workerId = 'w1'): Report =>
  report(attempt, sequence, { kind: 'metrics', step: sequence, metrics: { y } }, workerId);
const completed = (attempt: number, sequence: number, y: number, workerId = 'w1'): Report =>
  report(attempt, sequence, { kind: 'completed', metrics: { y }, slotSeconds: 2 }, workerId);
const failed = (attempt: number, of: FailureClass, workerId = 'w1'): Report =>
  report(attempt, 5, { kind: 'failed', failure: { class: of, message: `${of}!` }, slotSeconds: 1 }, workerId);

class OneTrial {
  readonly book = new TrialBook();
  readonly taker = new ReportTaker(this.book, 's', { retries: 1, objectives: ['y'] });

  constructor() {
    this.book.add('s', [{ number: 0, configuration: 0, replicate: 0, seed: 1, parameters: {} }], 0);
  }

  get active(): ActiveTrial {
    const active = this.book.active.get(0);
    if (!active) throw new Error('trial 0 has its result');
    return active;
  }

  get state(): string | undefined {
    return this.book.find(0)?.state;
  }

  take(...reports: Report[]): Changes {
    return this.taker.take(reports);
  }
}

describe('reports - the usual way', () => {
  it('reports - a trial that starts, reports and completes within one group', () => {
    const one = new OneTrial();
    const changes = one.take(started(1), metrics(1, 1, 0.5), completed(1, 2, 0.7));
    expect(changes.started).toHaveLength(1);
    expect(changes.reports).toMatchObject([{ attempt: 1, sequence: 1, metrics: { y: 0.5 } }]);
    expect(changes.results).toMatchObject([{ attempt: 1, state: 'completed', metrics: { y: 0.7 } }]);
    expect(changes.ended.map(({ number }) => number)).toEqual([0]);
    expect(changes.slotSeconds).toBe(2);
    expect(one.book.active.size).toBe(0);
    expect(one.book.counts).toMatchObject({ completed: 1, running: 0, queued: 0 });
  });

  it('reports - what an attempt logs, and its pack, are kept with it, once', () => {
    const one = new OneTrial();
    const first = one.take({ ...started(1), pack: [0, 4] } as Report, {
      ...metrics(1, 1, 0.5),
      log: ['reads data', 'begins'],
    });
    expect(first.started).toMatchObject([{ number: 0, attempt: 1, pack: [0, 4] }]);
    expect(first.logs).toEqual([
      { number: 0, attempt: 1, sequence: 1, lines: ['reads data', 'begins'], loggedAt: 101 },
    ]);
    const second = one.take(
      { ...metrics(1, 1, 0.5), log: ['reads data', 'begins'] },
      { ...completed(1, 2, 0.7), log: ['done'] },
    );
    expect(second.logs.map(({ lines }) => lines)).toEqual([['done']]);
    expect(second.batch('s').logs).toBe(second.logs);
  });

  it('reports - what comes twice counts once, in one group and in two', () => {
    const one = new OneTrial();
    expect(one.take(started(1), started(1), metrics(1, 1, 0.5), metrics(1, 1, 0.5)).reports).toHaveLength(1);
    expect(one.take(started(1), metrics(1, 1, 0.5)).isEmpty).toBe(true);
    expect(one.take(completed(1, 2, 0.7), completed(1, 2, 0.7)).results).toHaveLength(1);
    const again = one.take(started(1), metrics(1, 1, 0.5), completed(1, 2, 0.7));
    expect(again.isEmpty).toBe(true);
    expect(again.stale).toEqual([]);
    expect(again.slotSeconds).toBe(0);
  });

  it('reports - a result whose beginning was lost with the stream counts all the same', () => {
    const one = new OneTrial();
    const changes = one.take(completed(1, 9, 0.7));
    expect(changes.started).toMatchObject([{ attempt: 1, workerId: 'w1' }]);
    expect(changes.results).toMatchObject([{ attempt: 1, state: 'completed' }]);
  });

  it('reports - a result without an objective fails the trial and says what it has', () => {
    const one = new OneTrial();
    const wrong = report(1, 1, { kind: 'completed', metrics: { accurracy: 1 }, slotSeconds: 1 });
    const changes = one.take(started(1), wrong);
    expect(changes.results).toMatchObject([{ state: 'failed', failure: { class: 'trial' } }]);
    expect(one.book.find(0)?.failure?.message).toBe('the result lacks the objective y; it has accurracy');
  });
});

describe('reports - failures', () => {
  it('reports - a crash is tried again, then fails, each with its reason', () => {
    const one = new OneTrial();
    const first = one.take(started(1), failed(1, 'crash'));
    expect(first.requeued).toMatchObject([{ number: 0, attempt: 1, failure: { class: 'crash' } }]);
    expect(first.decisions).toMatchObject([
      {
        action: 'retry',
        reason: expect.stringMatching(/^attempt 1: retry 1 of 1 after crash, in 0\.\d s$/) as string,
      },
    ]);
    expect(one.state).toBe('queued');
    const second = one.take(started(2), failed(2, 'crash'));
    expect(second.results).toMatchObject([{ attempt: 2, state: 'failed', failure: { class: 'crash' } }]);
    expect(second.decisions).toMatchObject([{ action: 'fail' }]);
    expect(one.state).toBe('failed');
  });

  it('reports - a worker that can not train it is named, and costs no retry', () => {
    const one = new OneTrial();
    const changes = one.take(started(1), failed(1, 'setup'), started(2), failed(2, 'setup'));
    expect(changes.unable).toMatchObject([{ workerId: 'w1', message: 'setup!' }, { workerId: 'w1' }]);
    expect(one.state).toBe('queued');
  });

  it('reports - what a draining worker hands back costs no retry', () => {
    const one = new OneTrial();
    const back = report(1, 3, { kind: 'returned', reason: 'drains', slotSeconds: 1 });
    expect(one.take(started(1), back).requeued).toMatchObject([{ attempt: 1 }]);
    expect(one.active.countedFailures).toBe(0);
  });

  it('reports - a trial that is handed back does not wait once more for what failed before', () => {
    const one = new OneTrial();
    one.take(started(1), failed(1, 'crash'));
    expect(one.active.backOff).toBeGreaterThan(0);
    const back = report(2, 3, { kind: 'returned', reason: 'drains', slotSeconds: 1 });
    expect(one.take(started(2), back).requeued).toMatchObject([{ attempt: 2 }]);
    expect(one.active.backOff ?? 0).toBe(0);
  });

  it('reports - how soon a worker was lost does not depend on its clock', () => {
    const one = new OneTrial();
    const hour = 3_600_000;
    for (let attempt = 1; attempt <= 5; attempt++) {
      // It is an hour ahead, and lost half an hour after the trial began.
      one.take({ ...started(attempt), at: hour });
      const lost = { class: 'lost', message: 'gone' } as const;
      one.taker.endAttempt(one.active, lost, hour / 2, one.take(), false);
    }
    expect(one.state).toBe('queued');
    expect(one.active).toMatchObject({ losses: 5, suddenLosses: 0 });
  });

  it('reports - what ran for long before the coordinator began again was not lost soon', () => {
    const one = new OneTrial();
    one.take({ ...started(1), at: 1_000 });
    const lost = { class: 'lost', message: 'gone' } as const;
    one.taker.endAttempt(one.active, lost, 3_600_000, one.take(), true);
    expect(one.active).toMatchObject({ losses: 1, suddenLosses: 0 });
    one.take({ ...started(2), at: 3_600_000 });
    one.taker.endAttempt(one.active, lost, 3_605_000, one.take(), true);
    expect(one.active).toMatchObject({ losses: 2, suddenLosses: 1 });
  });

  it('reports - a trial told to stop is cancelled, or queued again where that is wanted', () => {
    const stopped = report(1, 3, { kind: 'stopped', state: 'cancelled', reason: 'enough', slotSeconds: 1 });
    const cancelled = new OneTrial();
    cancelled.take(started(1));
    cancelled.active.stop = { then: 'cancel', reason: 'enough' };
    expect(cancelled.take(stopped).results).toMatchObject([{ state: 'cancelled', reason: 'enough' }]);
    const queued = new OneTrial();
    queued.take(started(1));
    queued.active.stop = { then: 'requeue', reason: 'enough' };
    expect(queued.take(stopped).results).toEqual([]);
    expect(queued.state).toBe('queued');
  });

  it('reports - a trial that fails while it is to stop is cancelled, not tried again', () => {
    const one = new OneTrial();
    one.take(started(1));
    one.active.stop = { then: 'cancel', reason: 'enough' };
    expect(one.take(failed(1, 'crash')).results).toMatchObject([{ state: 'cancelled', reason: 'enough' }]);
  });
});

describe('reports - attempts that were given up', () => {
  /** Attempt 1 at worker w1 was believed lost. */
  function afterLoss(): OneTrial {
    const one = new OneTrial();
    one.take(started(1));
    const lost = { class: 'lost', message: 'gone' } as const;
    one.taker.endAttempt(one.active, lost, 50, one.take(), false);
    return one;
  }

  it('reports - the worker that was believed lost is told to stop, and its curve is kept', () => {
    const one = afterLoss();
    const changes = one.take(metrics(1, 1, 0.4));
    expect(changes.stale).toMatchObject([{ workerId: 'w1', number: 0, attempt: 1 }]);
    expect(changes.reports).toMatchObject([{ attempt: 1, sequence: 1 }]);
    expect(one.book.find(0)?.metrics).toEqual({});
  });

  it('reports - its result counts when it is the first, while the trial is queued', () => {
    const one = afterLoss();
    const changes = one.take(completed(1, 2, 0.7));
    expect(changes.started).toMatchObject([{ attempt: 2, workerId: 'w1' }]);
    expect(changes.results).toMatchObject([{ attempt: 2, state: 'completed', metrics: { y: 0.7 } }]);
  });

  it('reports - its result counts when it is the first, and the other attempt is told to stop', () => {
    const one = afterLoss();
    one.take(started(2, 'w2'));
    const changes = one.take(completed(1, 2, 0.7));
    expect(changes.stale).toMatchObject([{ workerId: 'w2', attempt: 2 }]);
    expect(changes.requeued).toMatchObject([{ attempt: 2 }]);
    expect(changes.results).toMatchObject([{ attempt: 3, state: 'completed' }]);
    // The second one comes too late.
    expect(one.take(completed(2, 3, 0.9, 'w2')).isEmpty).toBe(true);
  });

  it('reports - its failure is no news', () => {
    const one = afterLoss();
    one.take(started(2, 'w2'));
    expect(one.take(failed(1, 'crash')).isEmpty).toBe(true);
    expect(one.state).toBe('running');
  });

  it('reports - two workers with the same attempt: the first one has it', () => {
    const one = new OneTrial();
    one.take(started(1, 'w1'));
    const changes = one.take(started(1, 'w2'), metrics(1, 1, 0.1, 'w2'));
    expect(changes.started).toEqual([]);
    expect(changes.stale.map(({ workerId }) => workerId)).toEqual(['w2', 'w2']);
    expect(one.active.trial.workerId).toBe('w1');
  });
});
