import { DominationOrder } from './order.js';

interface Entry {
  readonly number: number;
  /** Smaller is better. */
  readonly costs: readonly number[];
}

/**
 * What the trials that got as far as one step reported there. Adding one and asking for one's rank are O(log n) to O(n),
 * with several costs O(n log n).
 */
export class Rung {
  /** By their first cost, then by number; the order of the ranks where there is one cost. */
  readonly #entries: Entry[] = [];
  /** Of several costs, since the last one came. */
  #known: DominationOrder | undefined;

  constructor(readonly step: number) {}

  get size(): number {
    return this.#entries.length;
  }

  add(number: number, costs: readonly number[]): void {
    const entry = { number, costs };
    this.#entries.splice(this.#place(entry), 0, entry);
    this.#known = undefined;
  }

  /** The numbers of the best `count` trials, best first. */
  best(count: number): readonly number[] {
    const best = this.#hasOneCost
      ? this.#entries.slice(0, count)
      : this.#order.best(count).map((index) => this.#entries[index]);
    return best.map((entry) => entry?.number ?? 0);
  }

  /** From 1; of a trial that has got here. */
  rank(number: number, costs: readonly number[]): number {
    const place = this.#place({ number, costs });
    return this.#hasOneCost ? place + 1 : this.#order.rank(place);
  }

  get #hasOneCost(): boolean {
    return (this.#entries[0]?.costs.length ?? 0) <= 1;
  }

  get #order(): DominationOrder {
    this.#known ??= new DominationOrder(this.#entries.map(({ costs }) => costs));
    return this.#known;
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
    const [x, y] = [a.costs[i] ?? 0, b.costs[i] ?? 0];
    // The difference of two infinite ones is no number.
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.number - b.number;
}
