import type { Random } from '../../../sweep/random.js';
import type { Axis } from './axes.js';
import { normalCdf } from './normal-table.js';

/** Experiment knobs. */
export const knobs = {
  bandwidth: 'scott' as 'scott' | 'optuna',
  factor: 1,
  clipExponent: 1,
  clip: 0.03,
  cell: 0.5,
  choicePrior: 1,
  priorWeight: 1,
  std: 'weighted',
};

export class Parzen {
  readonly kernels: number;
  private readonly dims: number;
  private readonly centers: Float64Array;
  private readonly scale: Float64Array;
  private readonly width: Float64Array;
  /** log weight - log normalisers */
  private readonly logWeight: Float64Array;
  private readonly cumulative: Float64Array;
  private readonly logMiss: Float64Array;
  private readonly miss: Float64Array;
  private readonly logPrior: number;
  private readonly terms: Float64Array;

  constructor(
    private readonly axes: readonly Axis[],
    columns: readonly number[],
    rows: readonly Float64Array[],
    weights: Float64Array,
  ) {
    const n = rows.length;
    const d = axes.length;
    this.kernels = n;
    this.dims = d;
    this.centers = new Float64Array(n * d);
    this.scale = new Float64Array(d);
    this.width = new Float64Array(d);
    this.miss = new Float64Array(d);
    this.logMiss = new Float64Array(d);
    this.logWeight = new Float64Array(n);
    this.cumulative = new Float64Array(n + 1);
    this.terms = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const row = rows[k] as Float64Array;
      for (let j = 0; j < d; j++) this.centers[k * d + j] = row[columns[j] as number] as number;
    }
    let total = knobs.priorWeight;
    for (let k = 0; k < n; k++) total += weights[k] as number;
    let logPrior = Math.log(knobs.priorWeight / total);
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const w = (weights[k] as number) / total;
      sum += w;
      this.cumulative[k] = sum;
      this.logWeight[k] = Math.log(w);
    }
    for (let j = 0; j < d; j++) {
      const axis = axes[j] as Axis;
      if (axis.choices > 0) {
        const c = axis.choices;
        const p = knobs.choicePrior / (n + knobs.choicePrior * c);
        const hit = (n + knobs.choicePrior) / (n + knobs.choicePrior * c);
        this.miss[j] = p * c;
        this.logMiss[j] = Math.log(p) - Math.log(hit);
        logPrior -= Math.log(c);
        const logHit = Math.log(hit);
        for (let k = 0; k < n; k++) this.logWeight[k] = (this.logWeight[k] as number) + logHit;
        continue;
      }
      const s = this.bandwidth(j, n, d, axis.cell, weights);
      this.width[j] = s;
      this.scale[j] = Math.SQRT1_2 / s;
      const base = Math.log(s * Math.sqrt(2 * Math.PI));
      for (let k = 0; k < n; k++) {
        const mu = this.centers[k * d + j] as number;
        const z = normalCdf((1 - mu) / s) - normalCdf(-mu / s);
        this.logWeight[k] = (this.logWeight[k] as number) - base - Math.log(z);
      }
    }
    this.logPrior = logPrior;
  }

  private bandwidth(j: number, n: number, d: number, cell: number, weights: Float64Array): number {
    const least = Math.max(knobs.clip * Math.min(1, (n + 1) ** -knobs.clipExponent * 10), cell * knobs.cell);
    if (knobs.bandwidth === 'optuna') {
      return Math.max(knobs.factor * 0.2 * n ** (-1 / (d + 4)), 1 / Math.min(100, n + 2), cell * knobs.cell);
    }
    // Scott's rule; the prior counts as one more point, spread as a uniform one.
    let total = 0;
    let mean = 0;
    for (let k = 0; k < n; k++) {
      const w = weights[k] as number;
      total += w;
      mean += w * (this.centers[k * d + j] as number);
    }
    mean = (mean + 0.5 * knobs.priorWeight) / (total + knobs.priorWeight);
    let variance = knobs.priorWeight * ((mean - 0.5) ** 2 + 1 / 12);
    for (let k = 0; k < n; k++) {
      variance += (weights[k] as number) * ((this.centers[k * d + j] as number) - mean) ** 2;
    }
    variance /= total + knobs.priorWeight;
    return Math.min(1, Math.max(least, knobs.factor * Math.sqrt(variance) * (n + 1) ** (-1 / (d + 4))));
  }

  /** Weights by how well kernels agree with the first `given` coordinates. */
  condition(x: Float64Array, given: number): void {
    const { centers, scale, terms, logMiss, dims: d, kernels: n } = this;
    let prior = 0;
    let most = -Infinity;
    for (let k = 0; k < n; k++) {
      let term = k === 0 ? Math.log(this.cumulative[0] as number) : Math.log((this.cumulative[k] as number) - (this.cumulative[k - 1] as number));
      for (let j = 0; j < given; j++) {
        const c = centers[k * d + j] as number;
        const s = scale[j] as number;
        if (s === 0) {
          const lm = logMiss[j] as number;
          const C = (this.axes[j] as Axis).choices;
          const hit = 1 / (1 + (C - 1) * Math.exp(lm));
          term += Math.log(hit) + (c !== x[j] ? lm : 0);
        } else {
          const z = ((x[j] as number) - c) * s;
          const w = this.width[j] as number;
          term -= z * z + Math.log(w * Math.sqrt(2 * Math.PI) * (normalCdf((1 - c) / w) - normalCdf(-c / w)));
        }
      }
      terms[k] = term;
      most = Math.max(most, term);
    }
    prior = Math.log(Math.max(1e-300, 1 - (this.cumulative[n - 1] as number)));
    for (let j = 0; j < given; j++) {
      const C = (this.axes[j] as Axis).choices;
      if (C > 0) prior -= Math.log(C);
    }
    most = Math.max(most, prior);
    let sum = Math.exp(prior - most);
    for (let k = 0; k < n; k++) sum += Math.exp((terms[k] as number) - most);
    let acc = 0;
    for (let k = 0; k < n; k++) {
      acc += Math.exp((terms[k] as number) - most) / sum;
      this.cumulative[k] = acc;
    }
  }

  sample(out: Float64Array, random: Random, given = 0): void {
    const u = random.next();
    const d = this.dims;
    let k = 0;
    while (k < this.kernels && u >= (this.cumulative[k] as number)) k++;
    for (let j = given; j < d; j++) {
      const { choices } = this.axes[j] as Axis;
      if (k === this.kernels) {
        out[j] = choices > 0 ? random.below(choices) : random.next();
      } else if (choices > 0) {
        out[j] = random.next() < (this.miss[j] as number) ? random.below(choices) : (this.centers[k * d + j] as number);
      } else {
        const mu = this.centers[k * d + j] as number;
        const s = this.width[j] as number;
        let x = mu + s * random.normal();
        while (x < 0 || x > 1) x = mu + s * random.normal();
        out[j] = x;
      }
    }
  }

  logDensity(x: Float64Array): number {
    const { centers, scale, logWeight, terms, logMiss, dims: d, kernels: n, axes } = this;
    let most = this.logPrior;
    for (let k = 0, at = 0; k < n; k++) {
      let term = logWeight[k] as number;
      for (let j = 0; j < d; j++, at++) {
        const c = centers[at] as number;
        const s = scale[j] as number;
        if (s === 0) {
          if (c !== x[j]) term += logMiss[j] as number;
        } else {
          const z = ((x[j] as number) - c) * s;
          term -= z * z;
        }
      }
      terms[k] = term;
      if (term > most) most = term;
    }
    void axes;
    let sum = Math.exp(this.logPrior - most);
    for (let k = 0; k < n; k++) {
      const gap = (terms[k] as number) - most;
      if (gap > -30) sum += Math.exp(gap);
    }
    return most + Math.log(sum);
  }
}
