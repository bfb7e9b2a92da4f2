import type { Random } from '../sweep/random.js';

/** Rows of whole numbers, `[rows][features]`: each feature's values are cells `0 .. cells - 1`. */
export interface Feature {
  /** How many different values, at most 64. */
  readonly cells: number;
  /** Whether the cells have an order; without one a split may part them in any way. */
  readonly ordered: boolean;
}

/** `Absent` in a row: the feature does not exist there. */
export const absent = -1;

interface Node {
  readonly feature: number;
  /** By cell: whether it goes left. */
  readonly left: Uint8Array;
  readonly yes: Node | number;
  readonly no: Node | number;
}

export interface ForestOptions {
  /** @default 64 */
  readonly trees?: number;
  /** Rows that a leaf has at least. @default 3 */
  readonly leafSize?: number;
}

/**
 * A random forest for regression (L. Breiman, "Random forests", 2001): trees on bootstrap samples, each split among a
 * random five of six features. What is absent is drawn anew for each tree from the values that others have: it tells
 * nothing, so no split gains by it, and a conditional parameter counts where it exists alone.
 */
export class Forest {
  private readonly trees: (Node | number)[] = [];
  /** Part of the variance of rows that is predicted by the trees that have not seen them; at most 1, 0 for nothing. */
  readonly explained: number;

  constructor(
    private readonly features: readonly Feature[],
    rows: readonly Int8Array[],
    targets: readonly number[],
    random: Random,
    { trees = 64, leafSize = 3 }: ForestOptions = {},
  ) {
    const sums = new Float64Array(rows.length);
    const counts = new Uint32Array(rows.length);
    for (let i = 0; i < trees; i++) {
      const filled = fillAbsent(features, rows, random);
      const sample = Array.from(rows, () => random.below(rows.length));
      const tree = new TreeGrower(features, filled, targets, random, leafSize).grow(sample);
      this.trees.push(tree);
      const seen = new Set(sample);
      filled.forEach((row, index) => {
        if (seen.has(index)) return;
        sums[index] = (sums[index] ?? 0) + predict(tree, row);
        counts[index] = (counts[index] ?? 0) + 1;
      });
    }
    this.explained = explainedPart(targets, sums, counts);
  }

  /** What each tree predicts on average over rows in which these features have these cells. Rows are put back. */
  effect(rows: readonly Int8Array[], features: readonly number[], cells: readonly number[]): Float64Array {
    const before = rows.map((row) => features.map((feature) => row[feature] ?? 0));
    for (const row of rows) features.forEach((feature, i) => (row[feature] = cells[i] ?? 0));
    const means = Float64Array.from(this.trees, (tree) => {
      let sum = 0;
      for (const row of rows) sum += predict(tree, row);
      return sum / rows.length;
    });
    rows.forEach((row, index) => features.forEach((feature, i) => (row[feature] = before[index]?.[i] ?? 0)));
    return means;
  }

  /** Mean over the trees. */
  predict(row: Int8Array): number {
    return this.trees.reduce<number>((sum, tree) => sum + predict(tree, row), 0) / this.trees.length;
  }

  /** Copies of rows without absent values. */
  fill(rows: readonly Int8Array[], random: Random): Int8Array[] {
    return fillAbsent(this.features, rows, random);
  }
}

function predict(tree: Node | number, row: Int8Array): number {
  let node = tree;
  while (typeof node !== 'number') node = node.left[row[node.feature] ?? 0] === 1 ? node.yes : node.no;
  return node;
}

function explainedPart(targets: readonly number[], sums: Float64Array, counts: Uint32Array): number {
  const judged = targets.map((_, index) => index).filter((index) => (counts[index] ?? 0) > 0);
  const mean = judged.reduce((sum, index) => sum + (targets[index] ?? 0), 0) / judged.length;
  let errors = 0;
  let squares = 0;
  for (const index of judged) {
    const target = targets[index] ?? 0;
    errors += (target - (sums[index] ?? 0) / (counts[index] ?? 1)) ** 2;
    squares += (target - mean) ** 2;
  }
  return squares === 0 ? 0 : Math.max(0, 1 - errors / squares);
}

function fillAbsent(features: readonly Feature[], rows: readonly Int8Array[], random: Random): Int8Array[] {
  const present = features.map((_, feature) => rows.filter((row) => row[feature] !== absent));
  return rows.map((row) =>
    row.map((cell, feature) => {
      if (cell !== absent) return cell;
      const others = present[feature] ?? [];
      return others[random.below(Math.max(1, others.length))]?.[feature] ?? 0;
    }),
  );
}

interface Split {
  readonly feature: number;
  readonly left: Uint8Array;
  readonly gain: number;
}

class TreeGrower {
  constructor(
    private readonly features: readonly Feature[],
    private readonly rows: readonly Int8Array[],
    private readonly targets: readonly number[],
    private readonly random: Random,
    private readonly leafSize: number,
  ) {}

  grow(sample: readonly number[]): Node | number {
    let sum = 0;
    for (const index of sample) sum += this.targets[index] ?? 0;
    const mean = sum / sample.length;
    if (sample.length < 2 * this.leafSize) return mean;
    let best: Split | undefined;
    for (let feature = 0; feature < this.features.length; feature++) {
      if (this.features.length > 1 && this.random.below(6) === 0) continue;
      const split = this.split(sample, feature, sum);
      if (split && split.gain > (best?.gain ?? 0)) best = split;
    }
    if (!best) return mean;
    const { feature, left } = best;
    const goesLeft = (index: number): boolean => left[this.rows[index]?.[feature] ?? 0] === 1;
    return {
      feature,
      left,
      yes: this.grow(sample.filter(goesLeft)),
      no: this.grow(sample.filter((index) => !goesLeft(index))),
    };
  }

  /** The split of this feature that takes most from the variance. */
  private split(sample: readonly number[], feature: number, total: number): Split | undefined {
    const { cells, ordered } = this.features[feature] as Feature;
    const counts = new Float64Array(cells);
    const sums = new Float64Array(cells);
    for (const index of sample) {
      const cell = this.rows[index]?.[feature] ?? 0;
      counts[cell] = (counts[cell] ?? 0) + 1;
      sums[cell] = (sums[cell] ?? 0) + (this.targets[index] ?? 0);
    }
    const order = [...counts.keys()].filter((cell) => (counts[cell] ?? 0) > 0);
    // Cells without an order, by their means: one of the splits along this order is the best of all (Breiman 1984).
    if (!ordered) {
      const mean = (cell: number): number => (sums[cell] ?? 0) / (counts[cell] ?? 1);
      order.sort((a, b) => mean(a) - mean(b));
    }
    const base = total ** 2 / sample.length;
    let count = 0;
    let sum = 0;
    let gain = 1e-12 * Math.abs(base);
    let cut = -1;
    order.forEach((cell, position) => {
      count += counts[cell] ?? 0;
      sum += sums[cell] ?? 0;
      const rest = sample.length - count;
      if (count < this.leafSize || rest < this.leafSize) return;
      const found = sum ** 2 / count + (total - sum) ** 2 / rest - base;
      if (found > gain) [gain, cut] = [found, position];
    });
    if (cut < 0) return undefined;
    return { feature, left: this.leftOf(order, cut, cells, ordered), gain };
  }

  /** Cells that the sample does not have go with their neighbour, or left where there is no order. */
  private leftOf(order: readonly number[], cut: number, cells: number, ordered: boolean): Uint8Array {
    const left = new Uint8Array(cells);
    if (ordered) {
      const [last = 0, next = 0] = [order[cut], order[cut + 1]];
      left.fill(1, 0, Math.floor((last + next) / 2) + 1);
    } else {
      left.fill(1);
      for (const cell of order.slice(cut + 1)) left[cell] = 0;
    }
    return left;
  }
}
