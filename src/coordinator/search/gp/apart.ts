/** Parallel suggestions are this far apart at least, as part of the region that is looked at. */
export const keptApart = 0.01;

/** Whether a point differs from each of these by so much in a parameter, as part of its range. */
export function isApart(x: Float64Array, others: readonly Float64Array[], distance: number): boolean {
  return others.every((other) => x.some((value, k) => Math.abs(value - (other[k] as number)) >= distance));
}
