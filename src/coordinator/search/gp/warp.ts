/**
 * How much of the distance between the best and the median counts as none, in the logarithmic scales to try. The mild
 * ones leave the best results close together: one of several valleys is not made so deep that no other is looked at.
 */
export const mildOffsets: readonly number[] = [1];
export const strongOffsets: readonly number[] = [1, 0.1, 0.01];

/**
 * Costs on the scale on which they look most like normal values, with mean 0 and variance 1: as they are, or
 * the logarithm of what they lie above the best. It copes with results that differ by powers of ten (diverged
 * training), and gives small differences among the best their weight. The scale is chosen by likelihood, as
 * A. I. Cowen-Rivers et al. ("HEBO", JAIR 2022) choose their Box-Cox transforms. Keeps the order.
 */
export function warp(costs: readonly number[], offsets: readonly number[]): Float64Array {
  const sorted = [...costs].sort((a, b) => a - b);
  const least = sorted[0] ?? 0;
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const range = (median > least ? median : (sorted.at(-1) ?? least)) - least || 1;
  const z = costs.map((cost) => (cost - least) / range);
  let best = standardised(z);
  let bestScore = -Infinity;
  for (const offset of [undefined, ...offsets]) {
    const values = offset === undefined ? z : z.map((value) => Math.log(value + offset));
    const stretch = offset === undefined ? 0 : z.reduce((sum, value) => sum - Math.log(value + offset), 0);
    const score = stretch - (costs.length / 2) * Math.log(variance(values) + 1e-300);
    if (score > bestScore) {
      bestScore = score;
      best = standardised(values);
    }
  }
  return best;
}

function standardised(values: readonly number[]): Float64Array {
  const centre = mean(values);
  const deviation = Math.sqrt(variance(values)) || 1;
  return Float64Array.from(values, (value) => (value - centre) / deviation);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}
