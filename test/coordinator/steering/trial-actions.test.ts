import { describe, expect, it } from 'vitest';
import { Changes } from '../../../src/coordinator/runner/changes.js';
import { beginToEnd } from '../../../src/coordinator/runner/end-trials.js';
import { Ending } from '../../../src/coordinator/runner/ending.js';
import type { SweepRunner } from '../../../src/coordinator/runner/runner.js';
import type { StopCommands } from '../../../src/coordinator/runner/stop-commands.js';
import { ReportTaker } from '../../../src/coordinator/runner/take-reports.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import {
  cancelTrials,
  requeueRunning,
  retryTrials,
} from '../../../src/coordinator/steering/trial-actions.js';
import type { DecisionRecord } from '../../../src/store/sweep-store.js';

/** Trials 0 (runs) and 1 (waits), and what is stored in one go. */
class Two {
  readonly book = new TrialBook();
  readonly taker = new ReportTaker(this.book, 's', { retries: 0, objectives: ['y'] });
  readonly written: Changes[] = [];
  readonly runner = {
    change: (make: Parameters<SweepRunner['change']>[0]) => {
      const changes = new Changes();
      make(this.taker, 5, changes);
      this.written.push(changes);
      return Promise.resolve();
    },
  } as SweepRunner;

  constructor() {
    const trials = [0, 1].map((number) => ({ number, configuration: number, replicate: 0, seed: number }));
    const [first] = this.book.add(
      's',
      trials.map((trial) => ({ ...trial, parameters: {} })),
      0,
    );
    if (first) this.book.started(first, 1, 'w', 1);
  }

  /** Trial 0 stops as its worker was told. */
  stopped(): string | undefined {
    this.taker.take([
      {
        version: 1,
        sweepId: 's',
        number: 0,
        attempt: 1,
        workerId: 'w',
        sequence: 1,
        at: 9,
        slotSeconds: 1,
        kind: 'stopped',
        state: 'cancelled',
        reason: 'cancelled by ann',
      },
    ]);
    return this.book.find(0)?.state;
  }
}

const decide =
  (action: string) =>
  (number: number): DecisionRecord => ({
    ...{ sweepId: 's', number, action, reason: 'by ann', decidedAt: 5 },
  });

describe('steering - trials that a user cancels', () => {
  it('steering - are recorded with what becomes of them, in one transaction: no kill comes in between', async () => {
    const two = new Two();
    await cancelTrials(two.runner, two.book, [0, 1], 'cancelled by ann', decide('cancel'));
    expect(two.written).toHaveLength(1);
    expect(two.written[0]?.results).toMatchObject([{ number: 1, state: 'cancelled' }]);
    expect(two.written[0]?.decisions.map(({ number, action }) => [number, action])).toEqual([
      [0, 'cancel'],
      [1, 'cancel'],
    ]);
    await retryTrials(two.runner, two.book, [1], decide('retry'));
    expect(two.written[1]?.requeued).toMatchObject([{ number: 1 }]);
    expect(two.written[1]?.decisions).toMatchObject([{ number: 1, action: 'retry' }]);
  });

  it('steering - stay cancelled where the sweep is paused or interrupted while they still stop', async () => {
    const paused = new Two();
    await cancelTrials(paused.runner, paused.book, [0], 'cancelled by ann', decide('cancel'));
    await requeueRunning(paused.runner, paused.book, 'paused by ann');
    expect(paused.stopped()).toBe('cancelled');
    const interrupted = new Two();
    await cancelTrials(interrupted.runner, interrupted.book, [0], 'cancelled by ann', decide('cancel'));
    const ending = new Ending({ state: 'stopped', reason: 'SIGINT', running: 'requeue', queued: 'keep' }, 6);
    const stops = { send: () => undefined } as unknown as StopCommands;
    beginToEnd(ending, interrupted.book, interrupted.taker, stops, 6, new Changes());
    expect(interrupted.stopped()).toBe('cancelled');
  });

  it('steering - who was to be cancelled with the sweep goes back to the queue where that is interrupted', () => {
    const two = new Two();
    const stops = { send: () => undefined } as unknown as StopCommands;
    const stop = { state: 'stopped', running: 'cancel', queued: 'keep' } as const;
    beginToEnd(new Ending(stop, 6), two.book, two.taker, stops, 6, new Changes());
    beginToEnd(new Ending({ ...stop, running: 'requeue' }, 7), two.book, two.taker, stops, 7, new Changes());
    expect(two.stopped()).toBe('queued');
  });
});
