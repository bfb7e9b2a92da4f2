import { paretoFront } from '../../sweep/pareto.js';
import { Direction } from '../../sweep/sweep-definition.js';

/**
 * The best `count` of these points, best first, as indices. Points are costs `[n][metrics]`: less is better.
 *
 * By fronts of non-domination, and within a front by the epsilon-net of Schmucker et al. 2021 ("Multi-objective
 * Asynchronous Successive Halving"): first the best one in the first cost, then always the one that is furthest from
 * those chosen before, each cost scaled to its range on the front. So the first few cover the whole front. Equal points keep their order.
 */
export function bestByDomination(points: readonly (readonly number[])[], count: number): number[] {
  const directions = (points[0] ?? []).map(() => Direction.Minimize);
  const chosen: number[] = [];
  let rest = points.map((_, index) => index);
  while (chosen.length < count && rest.length > 0) {
    const among = rest;
    const onFront = new Set(
      paretoFront(
        among.map((index) => points[index] ?? []),
        directions,
      ).map((place) => among[place] ?? 0),
    );
    // What has a cost that is no finite number is on no front.
    if (onFront.size === 0) return [...chosen, ...rest].slice(0, count);
    chosen.push(...epsilonNet([...onFront], points, count - chosen.length));
    rest = rest.filter((index) => !onFront.has(index));
  }
  return chosen;
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
      const distance = Math.hypot(...point.map((value, axis) => value - (from[axis] ?? 0)));
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
