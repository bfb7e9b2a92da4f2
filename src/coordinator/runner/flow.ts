/** The rate is that of so many trials that ended last at least, and of so many milliseconds at least. */
const leastTrials = 32;
const leastTime = 1_000;
/** Seconds from a worker's result to its next assignment that the coordinator cannot see: network, grouping, pulling. */
const unseenLatency = 0.03;
const mostLookahead = 1_000;

/** Trials that ended together. */
interface Group {
  readonly at: number;
  readonly count: number;
}

/**
 * How many trials should wait in the queue beyond the free slots, so that no slot waits for the coordinator. By
 * Little's law: trials that end per second times the seconds it takes to replace one, doubled for bursts. Trials that
 * take minutes get none, so that the sampler sees every result that it can, also right after many ended at once, as
 * the members of a pack do: the rate is that of the last trials, however long they took. 1,000 no-op trials a second
 * get enough.
 */
export class Flow {
  /** What the rate is of, and before it where its time begins. */
  readonly #groups: Group[];
  #ended = 0;
  #hasStarted = false;
  #refill = 0;

  /** @param begun when what runs already may have begun, in milliseconds */
  constructor(begun: number) {
    this.#groups = [{ at: begun, count: 0 }];
  }

  /** The time before the first one started was spent waiting for workers. @param now milliseconds */
  trialsStarted(now: number): void {
    if (!this.#hasStarted && this.#ended === 0) this.#groups[0] = { at: now, count: 0 };
    this.#hasStarted = true;
  }

  /** @param now milliseconds */
  trialsEnded(count: number, now: number): void {
    this.#groups.push({ at: now, count });
    this.#ended += count;
    this.#forget(now);
  }

  /** How long it took, in milliseconds, from a group of results to the publication of the trials that follow. */
  refilled(milliseconds: number): void {
    this.#refill += 0.2 * (milliseconds / 1000 - this.#refill);
  }

  /** Trials a second. */
  rate(now: number): number {
    this.#forget(now);
    const since = this.#groups[0]?.at ?? now;
    return this.#ended / Math.max((now - since) / 1000, unseenLatency);
  }

  /**
   * @param now milliseconds
   * @param idle slots that may stand idle for it on average
   */
  lookahead(now: number, idle: number): number {
    const wanted = 2 * this.rate(now) * (this.#refill + unseenLatency);
    return Math.min(mostLookahead, Math.max(0, Math.ceil(wanted - 2 * idle)));
  }

  #forget(now: number): void {
    for (;;) {
      const next = this.#groups[1];
      if (!next || now - next.at < leastTime || this.#ended - next.count < leastTrials) return;
      this.#ended -= next.count;
      this.#groups.shift();
    }
  }
}
