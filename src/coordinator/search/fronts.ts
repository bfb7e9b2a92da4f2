import { paretoFront } from '../../sweep/pareto.js';
import { Direction } from '../../sweep/sweep-definition.js';

interface Costly {
  /** Smaller is better. */
  readonly costs: readonly number[];
}

/**
 * Best first, of several objectives: by fronts of non-domination and within a front by crowding distance (NSGA-II, K. Deb
 * et al., IEEE Trans. Evol. Comp. 2002). Only the first `top` are in order, the others follow as they came: the fronts
 * behind cost time. Costs must be finite.
 */
export function byFronts<T extends Costly>(ranked: readonly T[], top: number): T[] {
  const sorted: T[] = [];
  let rest = [...ranked];
  while (rest.length > 0 && sorted.length < top) {
    const directions = (rest[0]?.costs ?? []).map(() => Direction.Minimize);
    const indices = paretoFront(
      rest.map(({ costs }) => costs),
      directions,
    );
    const onFront = new Set(indices);
    const front = indices.map((index) => rest[index]).filter((entry) => entry !== undefined);
    sorted.push(...leastCrowdedFirst(front));
    rest = rest.filter((_, index) => !onFront.has(index));
  }
  return [...sorted, ...rest];
}

/** The ends of the front first, then those whose neighbours on it are far away. */
function leastCrowdedFirst<T extends Costly>(front: readonly T[]): T[] {
  const distance = new Map(front.map((entry) => [entry, 0]));
  const objectives = front[0]?.costs.length ?? 0;
  for (let axis = 0; axis < objectives; axis++) {
    const at = (entry: T | undefined): number => entry?.costs[axis] ?? 0;
    const sorted = [...front].sort((a, b) => at(a) - at(b));
    const range = at(sorted.at(-1)) - at(sorted[0]) || 1;
    sorted.forEach((entry, i) => {
      const atEnd = i === 0 || i === sorted.length - 1;
      const gap = atEnd ? Infinity : (at(sorted[i + 1]) - at(sorted[i - 1])) / range;
      distance.set(entry, (distance.get(entry) ?? 0) + gap);
    });
  }
  return [...front].sort((a, b) => {
    const [x, y] = [distance.get(a) ?? 0, distance.get(b) ?? 0];
    return x === y ? 0 : y - x;
  });
}
