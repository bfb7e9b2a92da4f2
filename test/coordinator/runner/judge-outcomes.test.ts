import { describe, expect, it } from 'vitest';
import { Fleet } from '../../../src/coordinator/fleet.js';
import { OutcomeJudge } from '../../../src/coordinator/runner/judge-outcomes.js';
import { ReportTaker } from '../../../src/coordinator/runner/take-reports.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import type { Report } from '../../../src/messaging/messages.js';
import { workerState } from '../../support/messages.js';

/** Workers `bad` and `good`, and trials that were tried there. */
class Yard {
  readonly book = new TrialBook();
  readonly fleet = new Fleet('default', () => 0);
  readonly #taker = new ReportTaker(this.book, 's', { retries: 0, objectives: ['y'] });
  readonly #judge = new OutcomeJudge(this.book, this.fleet, 's', () => undefined);

  constructor(trials: number) {
    const numbers = Array.from({ length: trials }, (_, number) => number);
    const parameters = {};
    this.book.add(
      's',
      numbers.map((number) => ({ number, configuration: number, replicate: 0, seed: number, parameters })),
      0,
    );
    for (const id of ['bad', 'good']) this.fleet.update(id, workerState(id));
  }

  /** A trial is tried at a worker, and ends. Its state afterwards. */
  try(number: number, workerId: string, isGood: boolean): string | undefined {
    const attempt = (this.book.find(number)?.attempts ?? 0) + 1;
    const base = { version: 1, sweepId: 's', number, attempt, workerId } as const;
    const begin: Report = { ...base, kind: 'started', sequence: 0, at: 1 };
    const end = { ...base, sequence: 1, at: 2, slotSeconds: 1 };
    const failure = { class: 'trial', message: `number ${number} is bad` } as const;
    const last: Report = isGood
      ? { ...end, kind: 'completed', metrics: { y: 1 } }
      : { ...end, kind: 'failed', failure };
    this.#judge.judge(this.#taker.take([begin, last]), 2);
    return this.book.find(number)?.state;
  }
}

describe('outcomes - what failed at a worker in quarantine', () => {
  it('outcomes - goes back to the queue as long as there are others, also what had failed there before', () => {
    const yard = new Yard(40);
    for (let number = 0; number < 20; number++) yard.try(number, 'good', true);
    for (let number = 20; number < 30; number++) yard.try(number, 'bad', false);
    expect(yard.fleet.isSuspect('bad')).toBe(true);
    expect(yard.book.counts).toMatchObject({ completed: 20, failed: 0, queued: 20 });
    expect(yard.try(30, 'bad', false)).toBe('queued');
  });

  it('outcomes - fails where nobody else is left to try it: it would come back for ever', () => {
    const yard = new Yard(40);
    for (let number = 0; number < 20; number++) yard.try(number, 'good', true);
    for (let number = 20; number < 30; number++) yard.try(number, 'bad', false);
    yard.fleet.update('good', undefined);
    expect(yard.fleet.isUnable('bad')).toBe(false);
    expect(yard.try(30, 'bad', false)).toBe('failed');
    // The other one is back: what failed for want of it is tried there.
    yard.fleet.update('good', workerState('good'));
    expect(yard.try(31, 'bad', false)).toBe('queued');
    expect(yard.book.find(30)?.state).toBe('queued');
  });
});
