import { Cholesky, dot } from './cholesky.js';
import { difference, matern, maternSlope, type Columns, type Hyperparameters } from './kernel.js';
import { minimise, type Bounds, type Evaluation } from './minimise.js';
import type { Data } from './posterior.js';
import type { Basis } from './trend.js';

/**
 * How far a length is expected to reach, per column: 1 on the unit cube, less where the data lie in a small part
 * of it.
 */
export type Scales = Float64Array;

interface Normal {
  readonly mean: number;
  readonly deviation: number;
}

/** Of the logarithms, for values of variance 1. */
const signalPrior: Normal = { mean: 0, deviation: 1.5 };
const noisePrior: Normal = { mean: Math.log(1e-5), deviation: 3 };
const noiseRange = { low: Math.log(1e-8), high: Math.log(1) };
const signalRange = { low: Math.log(0.02), high: Math.log(100) };

/**
 * Lengths are expected to grow with the root of the number of columns: C. Hvarfner, E. O. Hellsten, L. Nardi,
 * "Vanilla Bayesian optimization performs great in high dimensions" (ICML 2024).
 */
function lengthPrior(columns: number, scale: number): Normal {
  return { mean: Math.SQRT2 + Math.log(columns) / 2 + Math.log(scale), deviation: Math.sqrt(3) };
}

/**
 * Minus the logarithm of likelihood times prior, up to a constant, with its gradient, as a function of the
 * logarithms of the lengths, the signal and the noise, in this order. The mean is the one that fits best.
 */
export function objectiveOf(
  columns: Columns,
  data: Data,
  scales: Scales,
  trend?: Basis,
): (theta: Float64Array) => Evaluation {
  const n = data.points.length;
  const size = columns.size;
  const squares = squaredDifferences(columns, data.points);
  const priors = [...Array.from(scales, (scale) => lengthPrior(size, scale)), signalPrior, noisePrior];
  const ones = new Float64Array(n).fill(1);
  const trends = trend && data.points.map((x) => trend.at(x));
  const shared = (i: number, j: number): number =>
    trends ? dot(trends[i] as Float64Array, trends[j] as Float64Array) : 0;
  return (theta) => {
    const weights = Float64Array.from({ length: size }, (_, k) => Math.exp(-2 * (theta[k] as number)));
    const signal = Math.exp(theta[size] as number);
    const noise = Math.exp(theta[size + 1] as number);
    const correlations = new Float64Array((n * (n - 1)) / 2);
    const slopes = new Float64Array(correlations.length);
    const rows: Float64Array[] = [];
    for (let i = 0, pair = 0; i < n; i++) {
      const row = new Float64Array(i + 1);
      for (let j = 0; j < i; j++, pair++) {
        let squared = 0;
        for (let k = 0; k < size; k++) squared += (squares[k]?.[pair] as number) * (weights[k] as number);
        const correlation = matern(squared);
        correlations[pair] = correlation;
        slopes[pair] = maternSlope(squared);
        row[j] = signal * correlation + shared(i, j);
      }
      row[i] = signal + shared(i, i) + noise / (data.counts[i] as number);
      rows.push(row);
    }
    const gradient = new Float64Array(size + 2);
    const factor = Cholesky.of(rows);
    if (!factor) return { value: Infinity, gradient };
    const weighted = factor.solve(ones);
    const mean = dot(weighted, data.values) / dot(weighted, ones);
    const residuals = data.values.map((value) => value - mean);
    const alpha = factor.solve(residuals);
    let value = (dot(residuals, alpha) + factor.logDeterminant()) / 2;
    // The gradient is half the trace of (K^-1 - alpha alpha') dK (Rasmussen and Williams 2006, 5.9).
    const inverse = factor.inverse();
    let bySignal = 0;
    let byNoise = 0;
    for (let i = 0, pair = 0; i < n; i++) {
      const row = inverse[i] as Float64Array;
      const own = alpha[i] as number;
      for (let j = 0; j < i; j++, pair++) {
        const m = (row[j] as number) - own * (alpha[j] as number);
        bySignal += m * signal * (correlations[pair] as number);
        const common = -2 * m * signal * (slopes[pair] as number);
        for (let k = 0; k < size; k++) {
          gradient[k] =
            (gradient[k] as number) + common * (squares[k]?.[pair] as number) * (weights[k] as number);
        }
      }
      const m = (row[i] as number) - own * own;
      bySignal += (m * signal) / 2;
      byNoise += (m * noise) / (2 * (data.counts[i] as number));
    }
    gradient[size] = bySignal;
    gradient[size + 1] = byNoise;
    priors.forEach((prior, k) => {
      const distance = ((theta[k] as number) - prior.mean) / prior.deviation;
      value += (distance * distance) / 2;
      gradient[k] = (gradient[k] as number) + distance / prior.deviation;
    });
    return { value, gradient };
  };
}

/**
 * The most likely hyperparameters, by local searches from long and from short lengths. Values are to have about
 * mean 0 and variance 1. O(n^3) a step.
 */
export function fit(
  columns: Columns,
  data: Data,
  scales: Scales,
  iterations: number,
  trend?: Basis,
): Hyperparameters {
  const f = objectiveOf(columns, data, scales, trend);
  const size = columns.size;
  const bounds: Bounds = {
    low: Float64Array.from([
      ...Array.from(scales, (scale) => Math.log(0.02 * scale)),
      signalRange.low,
      noiseRange.low,
    ]),
    high: Float64Array.from([
      ...Array.from(scales, (scale) => Math.log(1000 * scale)),
      signalRange.high,
      noiseRange.high,
    ]),
  };
  const starts = [0, Math.log(0.2)].map((shorter) =>
    Float64Array.from([
      ...Array.from(scales, (scale) => lengthPrior(size, scale).mean - Math.SQRT2 + shorter),
      0,
      Math.log(1e-3),
    ]),
  );
  const found = starts.map((start) => minimise(f, start, bounds, iterations));
  const { x } = found.reduce((best, next) => (next.value < best.value ? next : best));
  return {
    lengths: x.slice(0, size).map(Math.exp),
    signal: Math.exp(x[size] as number),
    noise: Math.exp(x[size + 1] as number),
  };
}

/** For each column, of each pair i > j in the order of the lower triangle. */
function squaredDifferences(columns: Columns, points: readonly Float64Array[]): Float64Array[] {
  return Array.from({ length: columns.size }, (_, k) => {
    const squares = new Float64Array((points.length * (points.length - 1)) / 2);
    let pair = 0;
    points.forEach((a, i) => {
      for (let j = 0; j < i; j++) squares[pair++] = difference(columns, a, points[j] as Float64Array, k) ** 2;
    });
    return squares;
  });
}
