import { FailureClass, type Failure } from '../../sweep/trial.js';

/** What earlier attempts of a trial came to, the present failure left out. */
export interface EarlierFailures {
  /** Failures that count against `trial.retries`. */
  readonly counted: number;
  /** Attempts whose worker was lost. */
  readonly lost: number;
}

export interface RetryDecision {
  readonly action: 'retry' | 'fail';
  readonly reason: string;
}

/** A trial whose workers keep getting lost is probably what kills them, e.g. by using up the machine's memory. */
export const mostLosses = 10;

/** Which failures use up one of the trial's retries. */
export function counts(failure: Failure): boolean {
  return failure.class !== FailureClass.Lost && failure.class !== FailureClass.Setup;
}

/**
 * What follows when an attempt failed. Pure.
 * @param retries `trial.retries` of the sweep
 */
export function afterFailure(failure: Failure, earlier: EarlierFailures, retries: number): RetryDecision {
  switch (failure.class) {
    case FailureClass.Trial:
      return { action: 'fail', reason: 'the configuration itself is bad: another attempt would fail alike' };
    case FailureClass.Timeout:
      return {
        action: 'fail',
        reason: 'it took longer than trial.timeout: another attempt would take as long',
      };
    case FailureClass.Setup:
      return { action: 'retry', reason: 'this worker cannot train it; another may' };
    case FailureClass.Lost: {
      const losses = earlier.lost + 1;
      return losses < mostLosses
        ? { action: 'retry', reason: `its worker was lost (${losses} of at most ${mostLosses} times)` }
        : { action: 'fail', reason: `${losses} workers were lost while they ran it` };
    }
    case FailureClass.Memory:
    case FailureClass.Crash:
    case FailureClass.Hang:
      return earlier.counted < retries
        ? { action: 'retry', reason: `retry ${earlier.counted + 1} of ${retries} after ${failure.class}` }
        : {
            action: 'fail',
            reason:
              retries === 0
                ? `${failure.class}, and trial.retries is 0`
                : `${failure.class} again after ${retries} ${retries === 1 ? 'retry' : 'retries'}`,
          };
  }
}
