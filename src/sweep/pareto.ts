import { Direction } from './sweep-definition.js';

/** One value for each objective; what is missing or not finite is worth nothing. */
export type Point = readonly (number | undefined)[];

/**
 * Which points no other point beats: at least as good in everything and better in something. Points are
 * `[n][objectives]`, in the order of `directions`; returns indices, ascending. Equal points are both on the front;
 * a point with a missing value is not. O(n log n) for two objectives, O(n * front) for more.
 */
export function paretoFront(points: readonly Point[], directions: readonly Direction[]): number[] {
  const candidates: { readonly index: number; readonly costs: readonly number[] }[] = [];
  points.forEach((point, index) => {
    const costs = costsOf(point, directions);
    if (costs) candidates.push({ index, costs });
  });
  candidates.sort((a, b) => compareCosts(a.costs, b.costs));
  const front: (typeof candidates)[number][] = [];
  for (const candidate of candidates) {
    // In this order a point can only be beaten by one before it. With two objectives the last on the front has the
    // lowest second cost so far, so it alone decides.
    const last = front.at(-1);
    const beaten =
      directions.length <= 2
        ? last !== undefined && dominates(last.costs, candidate.costs)
        : front.some(({ costs }) => dominates(costs, candidate.costs));
    if (!beaten) front.push(candidate);
  }
  return front.map(({ index }) => index).sort((a, b) => a - b);
}

/**
 * A front that grows point by point: the same points as `paretoFront` of all that were added. O(front) a point.
 */
export class ParetoSet<T> {
  #entries: { readonly item: T; readonly costs: readonly number[] }[] = [];

  constructor(private readonly directions: readonly Direction[]) {}

  /** What is on the front, in the order in which it was added. */
  get items(): readonly T[] {
    return this.#entries.map(({ item }) => item);
  }

  /** Adds a point, and drops those that it beats; false where the front beats it or a value is missing. */
  add(point: Point, item: T): boolean {
    const costs = costsOf(point, this.directions);
    if (!costs || this.#entries.some((entry) => dominates(entry.costs, costs))) return false;
    this.#entries = this.#entries.filter((entry) => !dominates(costs, entry.costs));
    this.#entries.push({ item, costs });
    return true;
  }
}

/**
 * How much of the space between a reference point and the best there could be is beaten by one of the points at least:
 * the product of what each gains on the reference, points together counted once. The reference has a value for each
 * objective; points that are not better in everything add nothing. O(n log n) for two objectives; for more, the
 * exclusive volumes of L. While, L. Bradstreet and L. Barone, "A fast way of calculating exact hypervolumes" (WFG, IEEE
 * Trans. Evol. Comp. 2012), exponential in the objectives.
 */
export function hypervolume(
  points: readonly Point[],
  directions: readonly Direction[],
  reference: readonly number[],
): number {
  const limit = costsOf(reference, directions);
  if (!limit) throw new RangeError(`the reference point (${reference.join(', ')}) must be finite`);
  const gains = points.flatMap((point) => {
    const costs = costsOf(point, directions);
    const gain = costs?.map((cost, axis) => (limit[axis] ?? 0) - cost);
    return gain?.every((value) => value > 0) ? [gain] : [];
  });
  return volumeOf(gains);
}

/**
 * The index of the point on the front that gives most for what it costs: furthest from the plane through the best of
 * each objective, every objective scaled to what the front spans (I. Das, "On characterizing the knee of the Pareto
 * curve", 1999). The first of equals; undefined where no point has all values.
 */
export function kneePoint(points: readonly Point[], directions: readonly Direction[]): number | undefined {
  const front = paretoFront(points, directions);
  const costs = front.map((index) => costsOf(points[index] ?? [], directions) ?? []);
  const ranges = directions.map((_, axis) => {
    const values = costs.map((cost) => cost[axis] ?? 0);
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return { low, width: high - low || 1 };
  });
  let knee: number | undefined;
  let least = Infinity;
  costs.forEach((cost, i) => {
    const sum = ranges.reduce((total, { low, width }, axis) => total + ((cost[axis] ?? 0) - low) / width, 0);
    if (sum < least) [least, knee] = [sum, front[i]];
  });
  return knee;
}

/** One number for each objective, smaller is better; undefined where a value is missing or not finite. */
function costsOf(point: Point, directions: readonly Direction[]): number[] | undefined {
  const costs: number[] = [];
  for (const [axis, direction] of directions.entries()) {
    const value = point[axis];
    if (value === undefined || !Number.isFinite(value)) return undefined;
    costs.push(direction === Direction.Minimize ? value : -value);
  }
  return costs;
}

function compareCosts(a: readonly number[], b: readonly number[]): number {
  for (const [axis, cost] of a.entries()) {
    const other = b[axis] ?? 0;
    if (cost !== other) return cost - other;
  }
  return 0;
}

function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (const [axis, cost] of a.entries()) {
    const other = b[axis] ?? 0;
    if (cost > other) return false;
    if (cost < other) better = true;
  }
  return better;
}

/** The volume of the boxes between the origin and these points, all of them positive. */
function volumeOf(gains: readonly (readonly number[])[]): number {
  const sorted = [...gains].sort((a, b) => compareCosts(b, a));
  if ((sorted[0]?.length ?? 0) <= 2) {
    let volume = 0;
    let covered = 0;
    for (const [width = 0, height = 1] of sorted) {
      volume += width * Math.max(0, height - covered);
      covered = Math.max(covered, height);
    }
    return volume;
  }
  // What each adds to those after it: its own box less what they share with it.
  return sorted.reduce((sum, gain, i) => {
    const shared = sorted
      .slice(i + 1)
      .map((other) => other.map((value, axis) => Math.min(value, gain[axis] ?? 0)));
    return sum + gain.reduce((product, value) => product * value, 1) - volumeOf(onTop(shared));
  }, 0);
}

/** Those that no other encloses. */
function onTop(gains: readonly (readonly number[])[]): (readonly number[])[] {
  const top: (readonly number[])[] = [];
  for (const gain of [...gains].sort((a, b) => compareCosts(b, a))) {
    if (!top.some((other) => gain.every((value, axis) => value <= (other[axis] ?? 0)))) top.push(gain);
  }
  return top;
}
