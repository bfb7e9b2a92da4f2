/** Divides the time of a slot among the members that are there: each has the same part of every moment. */
export class SlotShare {
  #seconds = 0;
  #until = performance.now();

  /**
   * Seconds that fell to a member until now.
   * @param members that were there since this was last asked
   */
  seconds(members: number): number {
    const now = performance.now();
    this.#seconds += (now - this.#until) / 1000 / Math.max(1, members);
    this.#until = now;
    return this.#seconds;
  }
}
