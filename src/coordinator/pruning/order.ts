/**
 * The order of points with several costs, as indices. Points are costs `[n][metrics]`: less is better.
 *
 * By fronts of non-domination, and within a front by the epsilon-net of Schmucker et al. 2021 ("Multi-objective
 * Asynchronous Successive Halving"): first the best one in the first cost, then always the one that is furthest from
 * those chosen before, each cost scaled to its range on the front. So the first few cover the whole front. Equal points
 * keep their order, and what has a cost that is no finite number is on no front and comes last.
 */
export class DominationOrder {
  readonly #fronts: readonly (readonly number[])[];
  readonly #last: readonly number[];

  constructor(private readonly points: readonly (readonly number[])[]) {
    this.#fronts = frontsOf(points);
    this.#last = points.flatMap((point, index) => (isFinitePoint(point) ? [] : [index]));
  }

  /** The best `count` of them, best first. */
  best(count: number): number[] {
    const chosen: number[] = [];
    for (const front of this.#fronts) {
      if (chosen.length >= count) break;
      chosen.push(...epsilonNet(front, this.points, count - chosen.length));
    }
    return [...chosen, ...this.#last].slice(0, count);
  }

  /** From 1. Only the point's own front is put in order. */
  rank(index: number): number {
    let before = 0;
    for (const front of this.#fronts) {
      if (front.includes(index))
        return before + epsilonNet(front, this.points, front.length).indexOf(index) + 1;
      before += front.length;
    }
    return before + this.#last.indexOf(index) + 1;
  }
}

/**
 * The fronts, each as ascending indices: what nothing dominates, what nothing else dominates once that is gone, and so
 * on. Efficient non-dominated sorting (X. Zhang et al., "An efficient approach to nondominated sorting for evolutionary
 * multiobjective optimization", 2015): O(n log n) for two costs, up to O(n^2) for more.
 */
function frontsOf(points: readonly (readonly number[])[]): number[][] {
  const order = points
    .flatMap((costs, index) => (isFinitePoint(costs) ? [{ costs, index }] : []))
    .sort((a, b) => compareCosts(a.costs, b.costs) || a.index - b.index);
  const fronts: { readonly costs: readonly number[]; readonly index: number }[][] = [];
  for (const point of order) {
    // In this order a point is dominated by none after it. Whom one front dominates, all before it do.
    let low = 0;
    let high = fronts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBeaten(point.costs, fronts[middle] ?? [])) low = middle + 1;
      else high = middle;
    }
    (fronts[low] ??= []).push(point);
  }
  return fronts.map((front) => front.map(({ index }) => index).sort((a, b) => a - b));
}

/** Whether one of a front dominates a point that comes after all of it. Of two costs the last one decides: its second is the least. */
function isBeaten(
  costs: readonly number[],
  front: readonly { readonly costs: readonly number[] }[],
): boolean {
  const among = costs.length <= 2 ? front.slice(-1) : front;
  return among.some((other) => {
    const isNoWorse = costs.every((cost, axis) => (other.costs[axis] ?? 0) <= cost);
    return isNoWorse && compareCosts(other.costs, costs) !== 0;
  });
}

function compareCosts(a: readonly number[], b: readonly number[]): number {
  const axis = a.findIndex((cost, i) => cost !== b[i]);
  return axis < 0 ? 0 : (a[axis] ?? 0) - (b[axis] ?? 0);
}

function isFinitePoint(costs: readonly number[]): boolean {
  return costs.every(Number.isFinite);
}

function epsilonNet(
  front: readonly number[],
  points: readonly (readonly number[])[],
  count: number,
): number[] {
  const scaled = scale(front.map((index) => points[index] ?? []));
  const distances = front.map(() => Infinity);
  const chosen: number[] = [];
  let next = indexOfLeast(scaled.map((point) => point[0] ?? 0));
  while (chosen.length < Math.min(count, front.length)) {
    chosen.push(front[next] ?? 0);
    distances[next] = -1;
    const from = scaled[next] ?? [];
    scaled.forEach((point, i) => {
      // Squared: the order is the same.
      const distance = point.reduce((sum, value, axis) => sum + (value - (from[axis] ?? 0)) ** 2, 0);
      distances[i] = Math.min(distances[i] ?? 0, distance);
    });
    next = indexOfLeast(distances.map((distance) => -distance));
  }
  return chosen;
}

function scale(points: readonly (readonly number[])[]): number[][] {
  const axes = (points[0] ?? []).map((_, axis) => points.map((point) => point[axis] ?? 0));
  const low = axes.map((values) => values.reduce((a, b) => Math.min(a, b), Infinity));
  const range = axes.map(
    (values, axis) => values.reduce((a, b) => Math.max(a, b), -Infinity) - (low[axis] ?? 0),
  );
  return points.map((point) => point.map((value, axis) => (value - (low[axis] ?? 0)) / (range[axis] || 1)));
}

function indexOfLeast(values: readonly number[]): number {
  let least = 0;
  values.forEach((value, index) => {
    if (value < (values[least] ?? Infinity)) least = index;
  });
  return least;
}
