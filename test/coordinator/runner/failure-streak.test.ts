import { describe, expect, it } from 'vitest';
import { FailureStreak } from '../../../src/coordinator/runner/failure-streak.js';
import type { Failure } from '../../../src/sweep/trial.js';

const missing = (x: number): Failure => ({
  class: 'crash',
  message: `Error: no file "data-${x}.csv" (${x})\n at y`,
});

/** After how many attempts it gives up; 0: never. */
function givesUpAfter(
  attempts: number,
  failureOf: (i: number) => Failure | undefined,
  hasSucceeded = false,
): number {
  const streak = new FailureStreak(hasSucceeded);
  for (let i = 0; i < attempts; i++) if (streak.ended(i, failureOf(i)) !== undefined) return i + 1;
  return 0;
}

describe('failure streak - when everything fails', () => {
  it('failure streak - the first ten fail alike: that is enough, and the reason names it', () => {
    expect(givesUpAfter(100, missing)).toBe(10);
    const streak = new FailureStreak(false);
    const reasons = Array.from({ length: 10 }, (_, i) => streak.ended(i, missing(i)));
    expect(reasons.at(-1)).toBe(
      'the first 10 attempts, of 10 trials, failed alike (crash: Error: no file "data-9.csv" (9)); when that is put ' +
        'right, --retry-failed tries them again',
    );
  });

  it('failure streak - one success, or another failure in between, begins it anew', () => {
    expect(givesUpAfter(30, (i) => (i % 9 === 8 ? undefined : missing(i)))).toBe(0);
    const other: Failure = { class: 'memory', message: 'out of memory' };
    expect(givesUpAfter(30, (i) => (i % 9 === 8 ? other : missing(i)))).toBe(0);
  });

  it('failure streak - a sweep that has worked gets more patience, and so has one whose first region diverges', () => {
    expect(givesUpAfter(100, missing, true)).toBe(40);
    expect(givesUpAfter(100, (i) => ({ class: 'trial', message: `loss is NaN at step ${i}` }))).toBe(50);
  });

  it('failure streak - one trial that fails again and again is its own fault', () => {
    const streak = new FailureStreak(false);
    for (let i = 0; i < 50; i++) expect(streak.ended(i % 3, missing(i))).toBeUndefined();
  });
});
