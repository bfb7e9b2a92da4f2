import { cumulativeStdNormalProbability, probit } from 'simple-statistics';

/**
 * Moves and widens a normal distribution over [0, 1], cut into cells, so that it leaves the cell of its mean, [low, high],
 * with probability `least` at least: half of it on each side, or all of it on the only side that there is (R. Hamano et
 * al., "CMA-ES with margin", GECCO 2022, section 4.2).
 */
export function keepMargin(
  mean: number,
  deviation: number,
  [low, high]: readonly [low: number, high: number],
  least: number,
): { readonly mean: number; readonly deviation: number } {
  if (low <= 0 && high >= 1) return { mean, deviation };
  if (low <= 0 || high >= 1) {
    const border = low <= 0 ? high : low;
    const furthest = deviation * probit(1 - least);
    const moved = border + Math.sign(mean - border) * Math.min(Math.abs(mean - border), furthest);
    return { mean: moved, deviation };
  }
  const below = cumulativeStdNormalProbability((low - mean) / deviation);
  const above = cumulativeStdNormalProbability((mean - high) / deviation);
  if (below >= least / 2 && above >= least / 2) return { mean, deviation };
  const [wantedBelow, wantedAbove] = [Math.max(least / 2, below), Math.max(least / 2, above)];
  const inside = 1 - below - above;
  const all = wantedBelow + wantedAbove + inside;
  const excess = (1 - all) / (all - 1.5 * least);
  const zBelow = probit(1 - (wantedBelow + excess * (wantedBelow - least / 2)));
  const zAbove = probit(1 - (wantedAbove + excess * (wantedAbove - least / 2)));
  return {
    mean: (low * zAbove + high * zBelow) / (zBelow + zAbove),
    deviation: (high - low) / (zBelow + zAbove),
  };
}
