/**
 * A Pareto front of two costs that grows point by point: `paretoFront` of all that were added, in O(log front) for
 * each that is beaten, which nearly all of a hundred thousand are. Equal points are both on it.
 */
export class Staircase {
  /** Ascending; the second costs descend. Equal points share a step. */
  readonly #first: number[] = [];
  readonly #second: number[] = [];
  readonly #items: number[][] = [];

  get items(): number[] {
    return this.#items.flat();
  }

  add(first: number, second: number, item: number): void {
    const at = this.#place(first);
    // The step before costs less of the first, and what it costs of the second is the least so far.
    if (at > 0 && (this.#second[at - 1] as number) <= second) return;
    if (this.#first[at] === first) {
      if ((this.#second[at] as number) < second) return;
      if (this.#second[at] === second) {
        this.#items[at]?.push(item);
        return;
      }
    }
    let beaten = 0;
    while (at + beaten < this.#first.length && (this.#second[at + beaten] as number) >= second) beaten++;
    this.#first.splice(at, beaten, first);
    this.#second.splice(at, beaten, second);
    this.#items.splice(at, beaten, [item]);
  }

  /** The first step that costs no less. */
  #place(first: number): number {
    let low = 0;
    let high = this.#first.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#first[middle] as number) < first) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
