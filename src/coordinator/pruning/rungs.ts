/** Of a step: what is nearer to the last one than this is the last one, for products are not exact (0.3 * 3 * 3 < 2.7). */
const tolerance = 1e-9;

/** The steps min, min * reduction, min * reduction^2, ... below max, at which trials are judged. Endless without max. */
export function* rungsOf(min: number, max: number | undefined, reduction: number): Generator<number, void> {
  const end = (max ?? Infinity) * (1 - tolerance);
  for (let step = min; step < end; step *= reduction) yield step;
}
