import { errorFunction } from 'simple-statistics';

/** Values in order, and where groups of them stand. Adding one is O(n), a mean rank O(log n) for each of its values. */
export class MeanRanks {
  readonly #sorted: number[] = [];

  add(value: number): void {
    this.#sorted.splice(this.#below(value), 0, value);
  }

  /** Mean rank of a group of the values, from 1; equal ones share theirs. */
  of(group: readonly number[]): number {
    const sum = group.reduce((total, value) => total + this.#below(value) + this.#upTo(value) + 1, 0);
    return sum / 2 / group.length;
  }

  /**
   * Dunn's test, one-sided (O. J. Dunn, "Multiple comparisons using rank sums", 1964): the chance that of groups of one
   * kind, cut from all values at random, the first is ranked so far above the second or further. By the normal
   * distribution; ties make it a little careful.
   */
  chance(a: readonly number[], b: readonly number[]): number {
    const n = this.#sorted.length;
    const deviation = Math.sqrt(((n * (n + 1)) / 12) * (1 / a.length + 1 / b.length));
    return (1 - errorFunction((this.of(a) - this.of(b)) / deviation / Math.SQRT2)) / 2;
  }

  /** How many values are smaller. */
  #below(value: number): number {
    return this.#count((other) => other < value);
  }

  #upTo(value: number): number {
    return this.#count((other) => other <= value);
  }

  #count(isBefore: (value: number) => boolean): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(this.#sorted[middle] as number)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
