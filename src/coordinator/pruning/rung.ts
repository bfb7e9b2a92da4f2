import { bestByDomination } from './order.js';

interface Entry {
  readonly number: number;
  /** Smaller is better. */
  readonly costs: readonly number[];
}

/** What the trials that got as far as one step reported there. Adding one and asking for one's rank are O(log n) to O(n). */
export class Rung {
  /** By their first cost, then by number; the order of the ranks where there is one cost. */
  readonly #entries: Entry[] = [];
  #ranked: readonly number[] | undefined;

  constructor(readonly step: number) {}

  get size(): number {
    return this.#entries.length;
  }

  add(number: number, costs: readonly number[]): void {
    const entry = { number, costs };
    this.#entries.splice(this.#place(entry), 0, entry);
    this.#ranked = undefined;
  }

  /** The numbers of the best `count` trials, best first. */
  best(count: number): readonly number[] {
    const entries = this.#entries;
    if ((entries[0]?.costs.length ?? 0) <= 1) return entries.slice(0, count).map(({ number }) => number);
    this.#ranked ??= bestByDomination(
      entries.map(({ costs }) => costs),
      entries.length,
    ).map((index) => entries[index]?.number ?? 0);
    return this.#ranked.slice(0, count);
  }

  /** From 1; of a trial that has got here. */
  rank(number: number, costs: readonly number[]): number {
    return costs.length === 1 ? this.#place({ number, costs }) + 1 : this.best(this.size).indexOf(number) + 1;
  }

  /** Where an entry is, or would be. */
  #place(entry: Entry): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#entries[middle];
      if (other && compare(other, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compare(a: Entry, b: Entry): number {
  for (let i = 0; i < a.costs.length; i++) {
    const difference = (a.costs[i] ?? 0) - (b.costs[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.number - b.number;
}
