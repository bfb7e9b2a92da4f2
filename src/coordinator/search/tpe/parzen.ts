import type { Random } from '../../../sweep/random.js';
import type { Axis } from './axes.js';
import { normalCdf } from './normal-table.js';

/** Weight of the prior (uniform over everything) among kernels that weigh 1 each. */
const priorWeight = 1;
/** Of Scott's bandwidth: a little narrower than what suits a single normal. */
const bandwidthFactor = 0.8;
/** However many kernels have a choice, the others keep the probability that they have beside so many. */
const mostAgreeing = 8;
/** A kernel is at least this wide: then its neighbours in the lattice are still drawn now and then. */
const leastOfCell = 0.75;
/** And this wide on an axis without steps, until there are so many kernels that they may be finer. */
const leastWidth = 0.03;
const kernelsAtLeastWidth = 9;
const logRootTwoPi = 0.5 * Math.log(2 * Math.PI);
/** exp(-25): kernels that add less than this to a density are left out. */
const negligible = -25;

/**
 * A density over some axes, from points: one kernel a point, each the product of one factor an axis, and a uniform
 * prior. The factor is a normal distribution truncated to [0, 1] or, for a choice, the smoothed probabilities of
 * Aitchison and Aitken (1976). All kernels have the same bandwidth on an axis: Scott's rule on the points and the
 * prior, so that it shrinks as points gather. That product is what makes the estimator multivariate: it keeps what
 * belongs together (Falkner, Klein, Hutter, "BOHB", ICML 2018).
 *
 * Flat arrays, and nothing is allocated once it is built: `logDensity` is most of what a suggestion costs.
 */
export class ParzenEstimator {
  private readonly axes: readonly Axis[];
  private readonly kernels: number;
  private readonly dimensions: number;
  /** By axis; 0 for choices. */
  private readonly width: Float64Array;
  /** By axis: the log probability of the kernel's own choice, and what another one's adds to that. */
  private readonly logHit: Float64Array;
  private readonly logMiss: Float64Array;
  /** By kernel: the log of its share in the mixture; the prior's is the last. */
  private readonly logShare: Float64Array;
  /** By kernel: `logShare` with the constant part of its density. */
  private readonly logBase: Float64Array;
  /** What `logDensity` goes through: the axes with an order and the choices apart, no branch in the inner loops. */
  private readonly ordered: Int32Array;
  private readonly unordered: Int32Array;
  /** By ordered axis: 1 / (width * sqrt(2)), as the exponent needs it. */
  private readonly scale: Float64Array;
  /** Centers times that: [kernels, ordered]; and the centers of choices: [kernels, unordered]. */
  private readonly scaled: Float64Array;
  private readonly chosen: Float64Array;
  private readonly scaledX: Float64Array;
  private readonly terms: Float64Array;

  /**
   * `points` are encodings over all axes of the space, of which the estimator covers `columns`; none of these may be
   * NaN. `weights` has one for each point.
   */
  constructor(
    axes: readonly Axis[],
    private readonly columns: readonly number[],
    private readonly points: readonly Float64Array[],
    weights: Float64Array,
  ) {
    const n = points.length;
    const d = columns.length;
    this.axes = columns.map((column) => axes[column] as Axis);
    this.kernels = n;
    this.dimensions = d;
    this.width = new Float64Array(d);
    this.logHit = new Float64Array(d);
    this.logMiss = new Float64Array(d);
    this.logShare = shares(weights);
    this.logBase = this.logShare.slice();
    this.terms = new Float64Array(n);
    const all = Int32Array.from(columns.keys());
    this.ordered = all.filter((j) => this.choices(j) === 0);
    this.unordered = all.filter((j) => this.choices(j) > 0);
    this.unordered.forEach((j) => this.fitChoice(j));
    this.fitNormals(weights);
    this.scale = Float64Array.from(this.ordered, (j) => Math.SQRT1_2 / (this.width[j] as number));
    this.scaled = this.gather(this.ordered, this.scale);
    this.chosen = this.gather(this.unordered, new Float64Array(this.unordered.length).fill(1));
    this.scaledX = new Float64Array(this.ordered.length);
  }

  /** The log of the density at `x`, one coordinate for each of the estimator's axes. */
  logDensity(x: Float64Array): number {
    const { ordered, unordered, scale, scaled, scaledX, chosen, logBase, logMiss, terms, kernels: n } = this;
    const d = ordered.length;
    for (let j = 0; j < d; j++) scaledX[j] = (x[ordered[j] as number] as number) * (scale[j] as number);
    const c = unordered.length;
    let most = logBase[n] as number;
    for (let k = 0, at = 0, choice = 0; k < n; k++) {
      // Two sums that do not wait for each other.
      let even = 0;
      let odd = 0;
      let j = 0;
      for (; j + 1 < d; j += 2, at += 2) {
        const z = (scaledX[j] as number) - (scaled[at] as number);
        const next = (scaledX[j + 1] as number) - (scaled[at + 1] as number);
        even += z * z;
        odd += next * next;
      }
      if (j < d) {
        const z = (scaledX[j] as number) - (scaled[at++] as number);
        even += z * z;
      }
      let term = (logBase[k] as number) - even - odd;
      for (let j = 0; j < c; j++, choice++) {
        const axis = unordered[j] as number;
        if (chosen[choice] !== x[axis]) term += logMiss[axis] as number;
      }
      terms[k] = term;
      if (term > most) most = term;
    }
    let sum = Math.exp((logBase[n] as number) - most);
    for (let k = 0; k < n; k++) {
      const gap = (terms[k] as number) - most;
      if (gap > negligible) sum += Math.exp(gap);
    }
    return most + Math.log(sum);
  }

  /**
   * The probability of each kernel, the prior last, where the first `given` coordinates of `x` are known: for `sample`.
   */
  conditional(x: Float64Array, given: number): Float64Array {
    const { logShare, kernels: n } = this;
    const logs = logShare.slice();
    for (let j = 0; j < given; j++) {
      for (let k = 0; k < n; k++) logs[k] = (logs[k] as number) + this.logKernel(k, j, x[j] as number);
      if (this.choices(j) > 0) logs[n] = (logs[n] as number) - Math.log(this.choices(j));
    }
    const most = Math.max(...logs);
    const probabilities = logs.map((log) => Math.exp(log - most));
    const total = probabilities.reduce((sum, probability) => sum + probability, 0);
    return probabilities.map((probability) => probability / total);
  }

  /** Draws the coordinates of `x` from `given` on, from the kernels with these probabilities (`conditional`). */
  sample(x: Float64Array, given: number, probabilities: Float64Array, random: Random): void {
    let rest = random.next();
    let k = 0;
    while (k < this.kernels && (rest -= probabilities[k] as number) >= 0) k++;
    for (let j = given; j < this.dimensions; j++) {
      x[j] = k === this.kernels ? this.drawPrior(j, random) : this.drawKernel(k, j, random);
    }
  }

  private drawPrior(j: number, random: Random): number {
    const choices = this.choices(j);
    return choices > 0 ? random.below(choices) : random.next();
  }

  private drawKernel(k: number, j: number, random: Random): number {
    const center = this.center(k, j);
    const choices = this.choices(j);
    if (choices > 0) {
      // The smoothed probabilities are the kernel's own choice mixed with any choice at random.
      const any = choices * Math.exp((this.logHit[j] as number) + (this.logMiss[j] as number));
      return random.next() < any ? random.below(choices) : center;
    }
    const width = this.width[j] as number;
    // The center is in [0, 1] and the kernel at most as wide, so a third of the draws or more fall inside.
    let value = center + width * random.normal();
    while (value < 0 || value > 1) value = center + width * random.normal();
    return value;
  }

  private center(k: number, j: number): number {
    return (this.points[k] as Float64Array)[this.columns[j] as number] as number;
  }

  private choices(j: number): number {
    return this.axes[j]?.choices ?? 0;
  }

  /** The log of one factor of a kernel. */
  private logKernel(k: number, j: number, value: number): number {
    const center = this.center(k, j);
    if (this.choices(j) > 0) {
      return (this.logHit[j] as number) + (center === value ? 0 : (this.logMiss[j] as number));
    }
    const width = this.width[j] as number;
    const z = (value - center) / width;
    return -0.5 * z * z - Math.log(width * inside(center, width)) - logRootTwoPi;
  }

  private fitChoice(j: number): void {
    const { kernels: n, logBase } = this;
    const choices = this.choices(j);
    const agreeing = Math.min(n, mostAgreeing);
    const hit = Math.log((agreeing + 1) / (agreeing + choices));
    this.logHit[j] = hit;
    this.logMiss[j] = -Math.log(agreeing + 1);
    for (let k = 0; k < n; k++) logBase[k] = (logBase[k] as number) + hit;
    logBase[n] = (logBase[n] as number) - Math.log(choices);
  }

  private fitNormals(weights: Float64Array): void {
    const { points, kernels: n, logBase, ordered, width } = this;
    const columns = ordered.map((j) => this.columns[j] as number);
    const d = ordered.length;
    const widths = this.bandwidths(columns, weights);
    const logWidths = widths.reduce((sum, w) => sum + Math.log(w) + logRootTwoPi, 0);
    ordered.forEach((j, i) => (width[j] = widths[i] as number));
    for (let k = 0; k < n; k++) {
      const point = points[k] as Float64Array;
      let logInside = 0;
      let product = 1;
      for (let j = 0; j < d; j++) {
        product *= inside(point[columns[j] as number] as number, widths[j] as number);
        // One logarithm for many factors, before they are too small.
        if (product < 1e-200) {
          logInside += Math.log(product);
          product = 1;
        }
      }
      logBase[k] = (logBase[k] as number) - logWidths - logInside - Math.log(product);
    }
  }

  private bandwidths(columns: Int32Array, weights: Float64Array): Float64Array {
    const { points, kernels: n } = this;
    const d = columns.length;
    const mean = new Float64Array(d).fill(0.5 * priorWeight);
    const variance = new Float64Array(d);
    const total = weights.reduce((sum, weight) => sum + weight, priorWeight);
    for (let k = 0; k < n; k++) {
      const point = points[k] as Float64Array;
      const w = weights[k] as number;
      for (let j = 0; j < d; j++) mean[j] = (mean[j] as number) + w * (point[columns[j] as number] as number);
    }
    for (let j = 0; j < d; j++) {
      const center = (mean[j] as number) / total;
      mean[j] = center;
      variance[j] = priorWeight * ((center - 0.5) ** 2 + 1 / 12);
    }
    for (let k = 0; k < n; k++) {
      const point = points[k] as Float64Array;
      const w = weights[k] as number;
      for (let j = 0; j < d; j++) {
        const gap = (point[columns[j] as number] as number) - (mean[j] as number);
        variance[j] = (variance[j] as number) + w * gap * gap;
      }
    }
    const shrink = bandwidthFactor * (n + 1) ** (-1 / (this.dimensions + 4));
    const fine = leastWidth * Math.min(1, (kernelsAtLeastWidth + 1) / (n + 1));
    return variance.map((sum, j) => {
      const cell = this.axes[this.ordered[j] as number]?.cell ?? 0;
      return Math.min(1, Math.max(fine, cell * leastOfCell, shrink * Math.sqrt(sum / total)));
    });
  }

  /** Some coordinates of all points, each times its factor: [kernels, columns]. */
  private gather(which: Int32Array, factors: Float64Array): Float64Array {
    const columns = which.map((j) => this.columns[j] as number);
    const d = columns.length;
    const gathered = new Float64Array(this.kernels * d);
    for (let k = 0, at = 0; k < this.kernels; k++) {
      const point = this.points[k] as Float64Array;
      for (let j = 0; j < d; j++, at++) {
        gathered[at] = (point[columns[j] as number] as number) * (factors[j] as number);
      }
    }
    return gathered;
  }
}

/** Logs of the shares of kernels with these weights, and of the prior. */
function shares(weights: Float64Array): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, priorWeight);
  const logs = new Float64Array(weights.length + 1);
  weights.forEach((weight, k) => (logs[k] = Math.log(weight / total)));
  logs[weights.length] = Math.log(priorWeight / total);
  return logs;
}

/** How much of a normal distribution lies in [0, 1]. */
function inside(center: number, width: number): number {
  return normalCdf((1 - center) / width) - normalCdf(-center / width);
}
