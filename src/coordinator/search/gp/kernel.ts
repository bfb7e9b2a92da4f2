/** What the columns of the points mean, for the distance between two of them. */
export interface Columns {
  readonly size: number;
  /** 1 where the column is the index of a choice: two values are equal or not, at distance 0 or 1. */
  readonly unordered: Uint8Array;
}

/** The numbers that a Gaussian process is fitted by. */
export interface Hyperparameters {
  /** Of each column, in its unit: how far apart values are alike. */
  readonly lengths: Float64Array;
  /** Variance of the function around its mean. */
  readonly signal: number;
  /** Variance of one result around the function. */
  readonly noise: number;
}

/** The Matern 5/2 correlation at a squared distance in length scales (Rasmussen and Williams 2006, 4.17). */
export function matern(squared: number): number {
  const r = Math.sqrt(5 * squared);
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

/** Its derivative by the squared distance. */
export function maternSlope(squared: number): number {
  const r = Math.sqrt(5 * squared);
  return (-5 / 6) * (1 + r) * Math.exp(-r);
}

/** How far apart two points are along one column. */
export function difference(columns: Columns, a: Float64Array, b: Float64Array, k: number): number {
  if (columns.unordered[k] === 1) return a[k] === b[k] ? 0 : 1;
  return (a[k] as number) - (b[k] as number);
}

/** The squared distance in length scales; `weights` are 1 / length^2. */
export function squaredDistance(
  columns: Columns,
  weights: Float64Array,
  a: Float64Array,
  b: Float64Array,
): number {
  let sum = 0;
  for (let k = 0; k < columns.size; k++) {
    const d = difference(columns, a, b, k);
    sum += d * d * (weights[k] as number);
  }
  return sum;
}
