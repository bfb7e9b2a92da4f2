import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  backOff,
  mostLosses,
  mostSuddenLosses,
} from '../../../src/coordinator/runner/after-failure.js';
import { costOf, spentBudget } from '../../../src/coordinator/runner/budget.js';
import { Flow } from '../../../src/coordinator/runner/flow.js';
import { configurationsWanted, expand, roomFor } from '../../../src/coordinator/runner/planning.js';
import type { FailureClass } from '../../../src/sweep/trial.js';
import { sweepOver } from '../definitions.js';

describe('retries - what follows a failure', () => {
  const decide = (of: FailureClass, counted = 0, lost = 0, retries = 2): string =>
    afterFailure({ class: of, message: 'x' }, { counted, lost, suddenLosses: 0 }, retries, later).action;
  const later = { isSudden: false, jitter: 0 };

  it.each(['memory', 'crash', 'hang'] as const)('retries - %s is tried again as often as allowed', (of) => {
    expect([0, 1, 2].map((counted) => decide(of, counted))).toEqual(['retry', 'retry', 'fail']);
    expect(decide(of, 0, 0, 0)).toBe('fail');
  });

  it.each(['trial', 'timeout'] as const)('retries - %s would happen again', (of) => {
    expect(decide(of)).toBe('fail');
  });

  it('retries - a lost worker does not count, until the trial must be what kills workers', () => {
    expect(decide('lost', 2)).toBe('retry');
    expect(decide('lost', 0, mostLosses - 2)).toBe('retry');
    expect(decide('lost', 0, mostLosses - 1)).toBe('fail');
  });

  it('retries - a trial that keeps killing its workers soon after it began is put aside sooner', () => {
    const after = (suddenLosses: number, isSudden: boolean) =>
      afterFailure({ class: 'lost', message: 'x' }, { counted: 0, lost: suddenLosses, suddenLosses }, 2, {
        isSudden,
        jitter: 0,
      });
    expect(after(mostSuddenLosses - 1, true)).toMatchObject({
      action: 'fail',
      reason: '5 workers were lost within 60 s of its start: it is probably what kills them',
    });
    expect(after(mostSuddenLosses - 1, false).action).toBe('retry');
    expect(after(mostSuddenLosses - 2, true).action).toBe('retry');
  });

  it('retries - wait twice as long each time, a minute at most, and not all equally long', () => {
    expect([1, 2, 3, 7, 50].map((failures) => backOff(failures, 0))).toEqual([
      500, 1_000, 2_000, 30_000, 30_000,
    ]);
    expect(backOff(1, 0.999)).toBe(1_000);
    const delay = (of: FailureClass, counted: number, lost: number) =>
      afterFailure({ class: of, message: '' }, { counted, lost, suddenLosses: 0 }, 5, {
        ...later,
        jitter: 0.5,
      }).delay;
    expect(delay('crash', 0, 0)).toBe(750);
    expect(delay('memory', 2, 0)).toBe(3_000);
    expect(delay('lost', 0, 0)).toBe(0);
    expect(delay('lost', 0, 1)).toBe(750);
    expect(delay('setup', 3, 3)).toBe(0);
  });

  it('retries - a worker that can not train it says nothing about the trial', () => {
    expect(decide('setup', 99, 99, 0)).toBe('retry');
  });

  it('retries - the reason says how often', () => {
    const reason = (counted: number, retries: number): string =>
      afterFailure({ class: 'crash', message: '' }, { counted, lost: 0, suddenLosses: 0 }, retries, later)
        .reason;
    expect(reason(0, 2)).toBe('retry 1 of 2 after crash, in 0.5 s');
    expect(reason(2, 2)).toBe('crash again after 2 retries');
    expect(reason(0, 0)).toBe('crash, and trial.retries is 0');
  });
});

describe('budget - what ends a sweep', () => {
  const usage = (seconds: number, slotSeconds = 0): { seconds: number; slotSeconds: number } => ({
    seconds,
    slotSeconds,
  });

  it('budget - time, GPU-hours and cost each end it when they are used up', () => {
    expect(spentBudget({ time: 60 }, usage(59.9))).toBeUndefined();
    expect(spentBudget({ time: 60 }, usage(60))).toBe('budget.time of 60 s is used up');
    expect(spentBudget({ gpuHours: 2 }, usage(0, 7199))).toBeUndefined();
    expect(spentBudget({ gpuHours: 2 }, usage(0, 7200))).toBe('budget.gpuHours of 2 is used up');
    const priced = { cost: 5, pricePerGpuHour: 2.5 };
    expect(spentBudget(priced, usage(0, 7199))).toBeUndefined();
    expect(spentBudget(priced, usage(0, 7200))).toBe('budget.cost of 5 is used up');
    expect(costOf(priced, usage(0, 3600))).toBe(2.5);
  });

  it('budget - none, no end', () => {
    expect(spentBudget({}, usage(1e9, 1e9))).toBeUndefined();
  });
});

describe('planning - how many trials there is room for', () => {
  const load = { slots: 4, outstanding: 0, lookahead: 0, concurrency: undefined };

  it('planning - a trial for each slot, and those held ready', () => {
    expect(roomFor(load)).toBe(4);
    expect(roomFor({ ...load, outstanding: 3, lookahead: 2 })).toBe(3);
    expect(roomFor({ ...load, outstanding: 9 })).toBe(0);
  });

  it('planning - nothing without workers, and never more than workers.concurrency', () => {
    expect(roomFor({ ...load, slots: 0, lookahead: 9 })).toBe(0);
    expect(roomFor({ ...load, concurrency: 3, lookahead: 9, outstanding: 1 })).toBe(2);
  });

  it('planning - search.trials counts replicates one by one', () => {
    const definition = sweepOver('{ a: { int: [1, 99] } }', 'search: { trials: 10 }\nreplicates: 3');
    expect(configurationsWanted(definition, 0, 6)).toBe(2);
    expect(configurationsWanted(definition, 0, 100)).toBe(4);
    expect(configurationsWanted(definition, 10, 100)).toBe(0);
    const fourth = expand(definition, [{ parameters: { a: 1 } }], { number: 9, configuration: 3 });
    expect(fourth.map(({ number, replicate }) => [number, replicate])).toEqual([[9, 0]]);
  });
});

describe('flow - trials held ready', () => {
  const idle = 0.05;

  /** Trials that end at an even rate for ten seconds. */
  function steady(perSecond: number, refillMilliseconds: number): Flow {
    const flow = new Flow(0);
    for (let i = 1; i <= 10 * perSecond; i++) {
      flow.trialsEnded(1, (i * 1000) / perSecond);
      flow.refilled(refillMilliseconds);
    }
    return flow;
  }

  it('flow - follows the rate, by the law of Little', () => {
    const flow = steady(1000, 20);
    expect(flow.rate(10_000)).toBeGreaterThan(950);
    expect(flow.rate(10_000)).toBeLessThan(1050);
    // 1,000 a second, 50 ms each to replace, twice.
    expect(flow.lookahead(10_000, idle)).toBeGreaterThan(90);
    expect(flow.lookahead(10_000, idle)).toBeLessThan(110);
  });

  it('flow - slow trials get none, and nobody does once nothing ends', () => {
    expect(steady(0.5, 20).lookahead(20_000, idle)).toBe(0);
    expect(new Flow(0).lookahead(0, idle)).toBe(0);
    expect(steady(1000, 20).lookahead(60_000, idle)).toBe(0);
  });

  it('flow - the first of many slow trials that ends is no stream, nor are the members of a pack', () => {
    const flow = new Flow(0);
    flow.trialsEnded(1, 60_000);
    expect(flow.lookahead(60_000, idle)).toBe(0);
    flow.refilled(300);
    for (let pack = 2; pack <= 20; pack++) flow.trialsEnded(10, pack * 60_000);
    expect(flow.rate(1_200_000)).toBeCloseTo(10 / 60, 2);
    expect(flow.lookahead(1_200_000, idle)).toBe(0);
  });

  it('flow - what was waited for the first worker does not count', () => {
    const flow = new Flow(0);
    flow.trialsStarted(60_000);
    flow.trialsStarted(60_010);
    flow.trialsEnded(2, 60_020);
    flow.refilled(5);
    expect(flow.rate(60_020)).toBeGreaterThan(50);
    expect(flow.lookahead(60_020, idle)).toBeGreaterThan(3);
  });

  it('flow - some slots may stand idle where the next trials had to be chosen blindly', () => {
    // Four a second, 230 ms each to replace: about one slot is idle.
    const flow = steady(4, 200);
    expect(flow.lookahead(10_000, 0.05)).toBe(2);
    expect(flow.lookahead(10_000, 0.9)).toBe(1);
    expect(flow.lookahead(10_000, 1)).toBe(0);
  });
});
