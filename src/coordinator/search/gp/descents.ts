import type { Features } from './features.js';
import { modelsOf, type Models, type Sample } from './models.js';
import type { Region } from './proposal.js';
import { boundsAround, isNear, nearest, sideAfter, type RegionResult } from './trust-region.js';

/** A better result so near, as part of every parameter's range, is of the same valley. */
const sameValley = 0.2;
/** A region with sides so short, as parts of the space, is at the bottom of its valley. */
const bottom = 0.02;

/** A result, and the descent that it belongs to: the number of that one's first configuration. */
export interface DescentResult extends Sample, RegionResult {
  readonly descent?: number;
}

/** Where a descent goes on. */
export interface Descent {
  readonly models: Models;
  readonly region: Region;
  readonly side: number;
  readonly first: number;
  /** The configuration that is its best. */
  readonly around: number;
}

/**
 * The latest descent. Where a search has nothing more to gain, it begins anew from somewhere else, for its valley may be
 * the wrong one (restarts of a trust region: D. Eriksson et al., "Scalable global optimization via local Bayesian
 * optimization", NeurIPS 2019). What is better than the best of a descent is kept from its models: they would see
 * nothing to gain in it. Deterministic.
 * @param results by ascending number
 * @returns undefined where none was begun, or the latest came to the bottom, or into a valley that is known
 */
export function openDescent(features: Features, results: readonly DescentResult[]): Descent | undefined {
  const first = results.reduce((latest, { descent = -1 }) => Math.max(latest, descent), -1);
  const own = results.filter(({ descent }) => descent === first);
  const best = bestOf(own);
  if (first < 0 || !best) return undefined;
  const { x, cost } = best;
  const side = sideAfter(own, features.axes.length);
  const better = new Set(
    results.filter((other) => other.descent !== first && other.feasible && (other.cost ?? Infinity) < cost),
  );
  const valley = Math.min(sameValley, side / 2);
  if (side < bottom || [...better].some((other) => isNear(features, other.x, x, valley))) return undefined;
  const others = results.filter((result) => !better.has(result));
  return {
    models: modelsOf(features, nearest(features, others, x, side), side),
    region: { bounds: boundsAround(features, x, side), centres: [x], mutation: 0.15 },
    side,
    first,
    around: best.configuration,
  };
}

/** The feasible result with the lowest cost; of equal ones the first. */
export function bestOf<T extends Sample>(results: readonly T[]): (T & { readonly cost: number }) | undefined {
  let best: (T & { readonly cost: number }) | undefined;
  for (const result of results) {
    const { feasible, cost } = result;
    if (feasible && cost !== undefined && cost < (best?.cost ?? Infinity)) best = { ...result, cost };
  }
  return best;
}
