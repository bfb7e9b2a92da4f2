/** Trials that ended last, at least, over which their rate is taken. */
const window = 32;
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
  /** The last `window` trials, and before them where their time begins. */
  readonly #groups: Group[];
  #ended = 0;
  #refill = 0;

  /** @param begun when the first trials could begin, in milliseconds */
  constructor(begun: number) {
    this.#groups = [{ at: begun, count: 0 }];
  }

  /** @param now milliseconds */
  trialsEnded(count: number, now: number): void {
    this.#groups.push({ at: now, count });
    this.#ended += count;
    for (let next = this.#groups[1]; next && this.#ended - next.count >= window; next = this.#groups[1]) {
      this.#ended -= next.count;
      this.#groups.shift();
    }
  }

  /** How long it took, in milliseconds, from a group of results to the publication of the trials that follow. */
  refilled(milliseconds: number): void {
    this.#refill += 0.2 * (milliseconds / 1000 - this.#refill);
  }

  /** Trials a second. */
  rate(now: number): number {
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
}
