import type { Failure } from '../../sweep/trial.js';

/** Attempts that must fail alike, one after another: where none has succeeded yet, and where some have. */
const enough = { atFirst: 10, later: 40 } as const;
/** Of at least so many trials: one trial alone is its own fault. */
const fewestTrials = 5;
/** Whole regions of a space diverge; that says nothing about the rest. */
const divergence = /\b(NaN|-?Infinity|non-finite|not finite|diverge)/i;
const patienceWithDivergence = 5;

/**
 * Notices when everything fails everywhere for the same reason: a mistake in the trainable, data that is not there.
 * Asking on would only use up the space.
 */
export class FailureStreak {
  #shape: string | undefined;
  #attempts = 0;
  readonly #trials = new Set<number>();
  #hasSucceeded: boolean;

  /** @param hasSucceeded whether a trial of the sweep was completed before */
  constructor(hasSucceeded: boolean) {
    this.#hasSucceeded = hasSucceeded;
  }

  /**
   * An attempt ended.
   * @param number its trial
   * @param failure undefined: it did what it should
   * @returns why the sweep should end, where it should
   */
  ended(number: number, failure: Failure | undefined): string | undefined {
    if (!failure) {
      this.#hasSucceeded = true;
      this.#begin(undefined);
      return undefined;
    }
    const shape = shapeOf(failure);
    if (shape !== this.#shape) this.#begin(shape);
    this.#attempts++;
    this.#trials.add(number);
    const needed =
      (this.#hasSucceeded ? enough.later : enough.atFirst) *
      (divergence.test(failure.message) ? patienceWithDivergence : 1);
    if (this.#attempts < needed || this.#trials.size < fewestTrials) return undefined;
    const which = this.#hasSucceeded ? 'last' : 'first';
    return (
      `the ${which} ${this.#attempts} attempts, of ${this.#trials.size} trials, failed alike ` +
      `(${failure.class}: ${failure.message.split('\n')[0]}); when that is put right, --retry-failed tries them again`
    );
  }

  #begin(shape: string | undefined): void {
    this.#shape = shape;
    this.#attempts = 0;
    this.#trials.clear();
  }
}

/** What the failures of one cause have in common: the first line, whatever numbers and names of places are in it. */
function shapeOf({ class: kind, message }: Failure): string {
  const line = message.split('\n')[0] ?? '';
  return `${kind}: ${line.replace(/[-+]?\d+(\.\d+)?(e[-+]?\d+)?/gi, '#').replace(/"[^"]*"|'[^']*'/g, '"')}`;
}
