import type { Features } from './features.js';
import type { Sample } from './models.js';
import type { Bounds } from './minimise.js';

/** Sides of the region, as parts of the space, where the results do not say more. */
const first = 0.8;
const longest = 0.8;
const shortest = 1e-5;
const grows = 1.6;
const successes = 2;

/** A result, as far as the region depends on it. */
export interface RegionResult {
  readonly configuration: number;
  /** The configuration around which it was looked for; absent where that was the whole space. */
  readonly around?: number;
  readonly feasible: boolean;
  readonly cost?: number;
}

/**
 * How long the sides of the region around the best configuration are, after the local suggestions before: D. Eriksson
 * et al., "Scalable global optimization via local Bayesian optimization" (TuRBO, NeurIPS 2019). It grows after
 * successes in a row and shrinks to half after failures in a row; where it has become too small to matter, it begins
 * anew. What was looked for around an earlier best, by workers who did not know the present one, is no failure of
 * this one's region. `results` are all results, by ascending number.
 */
export function sideAfter(results: readonly RegionResult[], dimensions: number): number {
  const failures = Math.max(3, dimensions);
  let side = first;
  let best = Infinity;
  let bestConfiguration: number | undefined;
  let won = 0;
  let lost = 0;
  for (const { configuration, around, feasible, cost } of results) {
    const better = feasible && cost !== undefined && cost < best;
    const stale = around !== bestConfiguration;
    if (better) [best, bestConfiguration] = [cost, configuration];
    if (around === undefined || (stale && !better)) continue;
    won = better ? won + 1 : 0;
    lost = better ? 0 : lost + 1;
    if (won >= successes) [side, won] = [Math.min(longest, side * grows), 0];
    if (lost >= failures) [side, lost] = [side / 2, 0];
    if (side < shortest) side = first;
  }
  return side;
}

/** How far values are alike in a region, by column: see `fit`. */
export function scalesOf(features: Features, side: number): Float64Array {
  return Float64Array.from({ length: features.size }, (_, k) => {
    const axis = features.axes[k];
    return !axis || axis.unordered ? 1 : Math.min(1, Math.max(side, 2 / axis.domain.size));
  });
}

/** The region around a point; of what has steps, at least the next on each side is in it. */
export function boundsAround(features: Features, centre: Float64Array, side: number): Bounds {
  const reach = (k: number): number => Math.max(side / 2, 1 / (features.axes[k]?.domain.size ?? Infinity));
  return {
    low: Float64Array.from(features.axes, (_, k) => Math.max(0, (centre[k] as number) - reach(k))),
    high: Float64Array.from(features.axes, (_, k) => Math.min(1, (centre[k] as number) + reach(k))),
  };
}

export function wholeSpace(features: Features): Bounds {
  return {
    low: new Float64Array(features.axes.length),
    high: new Float64Array(features.axes.length).fill(1),
  };
}

/** Whether a point is so near to another one in every searched parameter, as parts of their ranges; choices are equal. */
export function isNear(features: Features, x: Float64Array, other: Float64Array, distance: number): boolean {
  return features.axes.every(({ unordered }, k) =>
    unordered ? x[k] === other[k] : Math.abs((x[k] as number) - (other[k] as number)) < distance,
  );
}

/** Those within twice the region, `least` at least and 80 at most, nearest first. */
export function nearest<T extends Sample>(
  features: Features,
  samples: readonly T[],
  centre: Float64Array,
  side: number,
): T[] {
  // Enough for a parabola, where that is not too many.
  const quadratic = ((features.size + 1) * (features.size + 2)) / 2 + 6;
  const least = Math.max(2 * features.size + 6, Math.min(50, quadratic));
  const scales = scalesOf(features, side);
  const distance = (x: Float64Array): number => {
    let furthest = 0;
    let changed = 0;
    for (let k = 0; k < features.size; k++) {
      if (features.unordered[k] === 1) changed += x[k] === centre[k] ? 0 : 1;
      else
        furthest = Math.max(
          furthest,
          Math.abs((x[k] as number) - (centre[k] as number)) / (scales[k] as number),
        );
    }
    return furthest + changed;
  };
  const sorted = samples
    .map((sample) => ({ sample, distance: distance(sample.x) }))
    .sort((a, b) => a.distance - b.distance);
  const within = sorted.filter((entry) => entry.distance <= 1).length;
  return sorted.slice(0, Math.min(80, Math.max(least, within))).map(({ sample }) => sample);
}
