import { errorFunction } from 'simple-statistics';

const span = 6;
const perUnit = 512;

/** The cumulative normal distribution at -6, ..., 6. */
const table = Float64Array.from(
  { length: 2 * span * perUnit + 2 },
  (_, i) => 0.5 * (1 + errorFunction((i / perUnit - span) / Math.SQRT2)),
);

/** The cumulative standard normal distribution, by linear interpolation: within 1e-6, and fast. */
export function normalCdf(z: number): number {
  if (z <= -span) return 0;
  if (z >= span) return 1;
  const place = (z + span) * perUnit;
  const i = place | 0;
  const low = table[i] as number;
  return low + ((table[i + 1] as number) - low) * (place - i);
}
