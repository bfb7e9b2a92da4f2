import type { Random } from '../../../sweep/random.js';
import type { Observation } from './observations.js';

/** Weight of the sum beside the largest term: it tells points apart that differ in a lesser term only. */
const augmentation = 0.05;

/**
 * One cost for each observation, `undefined` where it has none: its own where there is one objective; else the augmented
 * Chebyshev distance under random weights, each objective scaled to [0, 1] over what was seen (J. Knowles, "ParEGO",
 * IEEE Trans. Evol. Comp. 2006).
 */
export function scalarise(
  observations: readonly Observation[],
  objectives: number,
  random: Random,
): (number | undefined)[] {
  if (objectives === 1) return observations.map(({ costs }) => costs?.[0]);
  const draws = Array.from({ length: objectives }, () => -Math.log(1 - random.next()));
  const total = draws.reduce((sum, draw) => sum + draw, 0);
  const seen = observations.flatMap(({ costs }) => (costs ? [costs] : []));
  const ranges = draws.map((draw, axis) => {
    const values = seen.map((costs) => costs[axis] ?? 0);
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return { low, width: high - low || 1, weight: draw / total };
  });
  return observations.map(({ costs }) => {
    if (!costs) return undefined;
    const terms = ranges.map(({ low, width, weight }, axis) => (weight * ((costs[axis] ?? 0) - low)) / width);
    return Math.max(...terms) + augmentation * terms.reduce((sum, term) => sum + term, 0);
  });
}
