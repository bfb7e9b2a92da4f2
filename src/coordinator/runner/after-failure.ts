import { FailureClass, type Failure } from '../../sweep/trial.js';

/** What earlier attempts of a trial came to, the present failure left out. */
export interface EarlierFailures {
  /** Failures that count against `trial.retries`. */
  readonly counted: number;
  /** Attempts whose worker was lost. */
  readonly lost: number;
  /** Those that were lost soon after they began. */
  readonly suddenLosses: number;
}

/** What else the decision depends on. */
export interface FailureCircumstances {
  /** The attempt ended within `suddenly` of its start. */
  readonly isSudden: boolean;
  /** In [0, 1), of the trial and attempt: those that failed together shall not all come again together. */
  readonly jitter: number;
}

export interface RetryDecision {
  readonly action: 'retry' | 'fail';
  readonly reason: string;
  /** Milliseconds that the trial waits before it is tried again. */
  readonly delay: number;
}

/** A trial whose workers keep getting lost is probably what kills them, e.g. by using up the machine's memory. */
export const mostLosses = 10;
/** So many that were lost soon after they began are enough. */
export const mostSuddenLosses = 5;
/** Milliseconds from an attempt's start to its loss that count as soon. */
export const suddenly = 60_000;

const firstDelay = 1_000;
/** Milliseconds that a back-off takes at most. */
export const longestDelay = 60_000;

/** Milliseconds before the try that follows so many failures: doubled each time, and between half and all of it. */
export function backOff(failures: number, jitter: number): number {
  return Math.round(Math.min(longestDelay, firstDelay * 2 ** (failures - 1)) * (0.5 + jitter / 2));
}

/** Which failures use up one of the trial's retries. */
export function counts(failure: Failure): boolean {
  return failure.class !== FailureClass.Lost && failure.class !== FailureClass.Setup;
}

/**
 * What follows when an attempt failed. Pure.
 * @param retries `trial.retries` of the sweep
 */
export function afterFailure(
  failure: Failure,
  earlier: EarlierFailures,
  retries: number,
  { isSudden, jitter }: FailureCircumstances,
): RetryDecision {
  switch (failure.class) {
    case FailureClass.Trial:
      return fail('the configuration itself is bad: another attempt would fail alike');
    case FailureClass.Timeout:
      return fail('it took longer than trial.timeout: another attempt would take as long');
    case FailureClass.Setup:
      return { action: 'retry', reason: 'this worker cannot train it; another may', delay: 0 };
    case FailureClass.Lost: {
      const losses = earlier.lost + 1;
      if (losses >= mostLosses) return fail(`${losses} workers were lost while they ran it`);
      if (isSudden && earlier.suddenLosses + 1 >= mostSuddenLosses)
        return fail(
          `${mostSuddenLosses} workers were lost within ${suddenly / 1_000} s of its start: it is probably what kills them`,
        );
      // The first time it is chance, and another worker can have it at once.
      const delay = earlier.lost === 0 ? 0 : backOff(earlier.lost, jitter);
      return {
        action: 'retry',
        reason: `its worker was lost (${losses} of at most ${mostLosses} times)`,
        delay,
      };
    }
    case FailureClass.Memory:
    case FailureClass.Crash:
    case FailureClass.Hang: {
      const reason = `${failure.class} again after ${retries} ${retries === 1 ? 'retry' : 'retries'}`;
      if (earlier.counted >= retries)
        return fail(retries === 0 ? `${failure.class}, and trial.retries is 0` : reason);
      const delay = backOff(earlier.counted + 1, jitter);
      const when = `in ${(delay / 1_000).toFixed(1)} s`;
      return {
        action: 'retry',
        reason: `retry ${earlier.counted + 1} of ${retries} after ${failure.class}, ${when}`,
        delay,
      };
    }
  }
}

function fail(reason: string): RetryDecision {
  return { action: 'fail', reason, delay: 0 };
}
