import { Cholesky, dot } from './cholesky.js';
import {
  difference,
  matern,
  maternSlope,
  squaredDistance,
  type Columns,
  type Hyperparameters,
} from './kernel.js';
import type { Basis } from './trend.js';

/** Results of one function: points `[n][columns]`, values `[n]` and how many results each is the mean of. */
export interface Data {
  readonly points: readonly Float64Array[];
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

export interface Prediction {
  readonly mean: number;
  /** Of the function, noise left out. */
  readonly variance: number;
}

export interface PredictionWithSlopes extends Prediction {
  /** By each column that has an order. */
  readonly meanSlopes: Float64Array;
  readonly varianceSlopes: Float64Array;
}

/** The smallest variance that is told from none, as part of the signal's. */
const leastVariance = 1e-10;

/** A Gaussian process with a constant mean after it has seen data (Rasmussen and Williams 2006, chapter 2). */
export class Posterior {
  private readonly points: Float64Array[];
  /** What the trend says of each point. */
  private readonly trends: Float64Array[];
  private readonly weights: Float64Array;
  private readonly alpha: number[];
  private readonly factor: Cholesky;
  readonly mean: number;

  constructor(
    private readonly columns: Columns,
    readonly hyperparameters: Hyperparameters,
    data: Data,
    private readonly trend?: Basis,
  ) {
    this.points = [...data.points];
    this.trends = trend ? data.points.map((x) => trend.at(x)) : [];
    this.weights = hyperparameters.lengths.map((length) => 1 / (length * length));
    this.factor = this.factorise(data);
    const ones = new Float64Array(data.values.length).fill(1);
    const weighted = this.factor.solve(ones);
    // Generalised least squares.
    this.mean = dot(weighted, data.values) / dot(weighted, ones);
    this.alpha = [...this.factor.solve(data.values.map((value) => value - this.mean))];
  }

  predict(x: Float64Array): Prediction {
    const covariances = this.covariances(x);
    const v = this.factor.solveLower(covariances);
    return { mean: this.meanAt(covariances), variance: this.varianceOf(x, v) };
  }

  /**
   * What is expected at `target`, and how much a result at `probe` will change that: the variance is that of the
   * expectation to come. Where the two points tell nothing of each other it is about 0.
   */
  foresee(target: Float64Array, probe: Float64Array): Prediction {
    const { signal, noise } = this.hyperparameters;
    const covariances = this.covariances(target);
    const v = this.factor.solveLower(covariances);
    const w = this.factor.solveLower(this.covariances(probe));
    const trends = this.trend ? dot(this.trend.at(target), this.trend.at(probe)) : 0;
    const prior = signal * matern(squaredDistance(this.columns, this.weights, target, probe)) + trends;
    const shared = prior - dot(v, w);
    const change = (shared * shared) / (this.varianceOf(probe, w) + noise);
    return { mean: this.meanAt(covariances), variance: Math.max(signal * leastVariance, change) };
  }

  /** The mean alone, which costs less. */
  expect(x: Float64Array): number {
    return this.meanAt(this.covariances(x));
  }

  predictWithSlopes(x: Float64Array): PredictionWithSlopes {
    const covariances = this.covariances(x);
    const v = this.factor.solveLower(covariances);
    const w = this.factor.solveUpper(v);
    const meanSlopes = new Float64Array(this.columns.size);
    const varianceSlopes = new Float64Array(this.columns.size);
    for (let i = 0; i < this.points.length; i++) {
      const point = this.points[i] as Float64Array;
      const slope =
        2 * this.hyperparameters.signal * maternSlope(squaredDistance(this.columns, this.weights, x, point));
      for (let k = 0; k < x.length; k++) {
        if (this.columns.unordered[k] === 1) continue;
        const change = slope * difference(this.columns, x, point, k) * (this.weights[k] as number);
        meanSlopes[k] = (meanSlopes[k] as number) + (this.alpha[i] as number) * change;
        varianceSlopes[k] = (varianceSlopes[k] as number) - 2 * (w[i] as number) * change;
      }
    }
    this.addTrendSlopes(x, w, meanSlopes, varianceSlopes);
    return { mean: this.meanAt(covariances), variance: this.varianceOf(x, v), meanSlopes, varianceSlopes };
  }

  /**
   * Takes it as given that a result here would be what is expected (D. Ginsbourger et al., kriging believer, 2010):
   * the means stay as they are, and less is unknown around.
   */
  believe(x: Float64Array): void {
    const { signal, noise } = this.hyperparameters;
    const variance = signal + this.trendVariance(x);
    this.factor.append(this.covariances(x), variance + noise, signal * leastVariance);
    this.points.push(x);
    if (this.trend) this.trends.push(this.trend.at(x));
    this.alpha.push(0);
  }

  private covariances(x: Float64Array): Float64Array {
    const { signal } = this.hyperparameters;
    const covariances = new Float64Array(this.points.length);
    for (let i = 0; i < covariances.length; i++) {
      const point = this.points[i] as Float64Array;
      covariances[i] = signal * matern(squaredDistance(this.columns, this.weights, x, point));
    }
    const own = this.trend?.at(x);
    if (own)
      this.trends.forEach((other, i) => (covariances[i] = (covariances[i] as number) + dot(own, other)));
    return covariances;
  }

  private trendVariance(x: Float64Array): number {
    const own = this.trend?.at(x);
    return own ? dot(own, own) : 0;
  }

  private addTrendSlopes(
    x: Float64Array,
    w: Float64Array,
    meanSlopes: Float64Array,
    varianceSlopes: Float64Array,
  ): void {
    if (!this.trend) return;
    const own = this.trend.at(x);
    this.trend.slopesAt(x).forEach((slopes, j) => {
      let part = 0;
      let explained = 0;
      this.trends.forEach((other, i) => {
        part += (this.alpha[i] as number) * (other[j] as number);
        explained += (w[i] as number) * (other[j] as number);
      });
      slopes.forEach((slope, k) => {
        meanSlopes[k] = (meanSlopes[k] as number) + part * slope;
        varianceSlopes[k] = (varianceSlopes[k] as number) + 2 * ((own[j] as number) - explained) * slope;
      });
    });
  }

  private meanAt(covariances: Float64Array): number {
    let mean = this.mean;
    for (let i = 0; i < covariances.length; i++)
      mean += (covariances[i] as number) * (this.alpha[i] as number);
    return mean;
  }

  private varianceOf(x: Float64Array, v: Float64Array): number {
    const { signal } = this.hyperparameters;
    return Math.max(signal * leastVariance, signal + this.trendVariance(x) - dot(v, v));
  }

  /** What the trends of two points have in common. */
  private shared(i: number, j: number): number {
    const [a, b] = [this.trends[i], this.trends[j]];
    return a && b ? dot(a, b) : 0;
  }

  /** With as much more on the diagonal as it takes, where points are too close to be told apart. */
  private factorise({ counts }: Data): Cholesky {
    const { signal, noise } = this.hyperparameters;
    for (let extra = 0; ; extra = extra === 0 ? signal * leastVariance : extra * 10) {
      const rows = this.points.map((a, i) => {
        const row = new Float64Array(i + 1);
        for (let j = 0; j < i; j++) {
          const b = this.points[j] as Float64Array;
          row[j] = signal * matern(squaredDistance(this.columns, this.weights, a, b)) + this.shared(i, j);
        }
        row[i] = signal + this.shared(i, i) + noise / (counts[i] as number) + extra;
        return row;
      });
      const factor = Cholesky.of(rows);
      if (factor) return factor;
      if (!(extra < signal)) throw new Error('a covariance matrix has values that are not numbers');
    }
  }
}
