const remembered = 8;
/** Milliseconds. Trials that take longer are taken one by one as slots get free. */
const short = 50;
/** Milliseconds that the way of an assignment takes, from the request to the answered claim, on a busy machine. */
const horizon = 20;
const most = 64;

/**
 * How many assignments to take beyond the free slots. None, ordinarily: whoever is free should get the next trial.
 * Only where all recent trials were over in less time than it takes to get the next one would slots stand idle.
 */
export class Lookahead {
  readonly #durations: number[] = [];

  /** A slot was taken for so many milliseconds. */
  record(duration: number): void {
    this.#durations.push(duration);
    if (this.#durations.length > remembered) this.#durations.shift();
  }

  get depth(): number {
    if (this.#durations.length < remembered) return 0;
    let sum = 0;
    for (const duration of this.#durations) {
      if (duration > short) return 0;
      sum += duration;
    }
    return Math.min(most, Math.ceil((horizon * remembered) / Math.max(sum, 0.1)));
  }
}
