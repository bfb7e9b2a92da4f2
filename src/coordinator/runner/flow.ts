/** Seconds over which the rate of ended trials is averaged. */
const timeConstant = 1;
/** Seconds from a worker's result to its next assignment that the coordinator cannot see: network, grouping, pulling. */
const unseenLatency = 0.03;
const mostLookahead = 1_000;

/**
 * How many trials should wait in the queue beyond the free slots, so that no slot waits for the coordinator. By
 * Little's law: trials that end per second times the seconds it takes to replace one, doubled for bursts. Trials that
 * take minutes get none, so that the sampler sees every result that it can; 1,000 no-op trials a second get enough.
 */
export class Flow {
  #ended = 0;
  #at: number | undefined;
  #since: number | undefined;
  #refill = 0;

  /** @param now milliseconds */
  trialsEnded(count: number, now: number): void {
    this.#decay(now);
    this.#since ??= now;
    this.#ended += count;
  }

  /** How long it took, in milliseconds, from a group of results to the publication of the trials that follow. */
  refilled(milliseconds: number): void {
    this.#refill += 0.2 * (milliseconds / 1000 - this.#refill);
  }

  /** Trials a second. */
  rate(now: number): number {
    this.#decay(now);
    if (this.#since === undefined) return 0;
    const seconds = Math.max((now - this.#since) / 1000, unseenLatency);
    return this.#ended / (timeConstant * (1 - Math.exp(-seconds / timeConstant)));
  }

  lookahead(now: number): number {
    const wanted = 2 * this.rate(now) * (this.#refill + unseenLatency);
    return Math.min(mostLookahead, Math.max(0, Math.ceil(wanted - 0.1)));
  }

  #decay(now: number): void {
    if (this.#at !== undefined && now > this.#at)
      this.#ended *= Math.exp(-(now - this.#at) / 1000 / timeConstant);
    this.#at = Math.max(now, this.#at ?? now);
  }
}
