import { Cholesky } from '../gp/cholesky.js';
import { keepMargin } from './margin.js';
import type { Domain } from '../../../sweep/domain.js';
import type { Random } from '../../../sweep/random.js';

/** Part of the unit cube that the first generation spreads over, as a standard deviation. */
const firstDeviation = 0.25;
/** A search this narrow, or whose last generations were this equal, has come to its end. */
const leastDeviation = 1e-9;
const leastDifference = 1e-12;
/** New draws for a point outside the cube, before it is moved to its edge. */
const draws = 30;

/**
 * One run of CMA-ES (N. Hansen, "The CMA evolution strategy: a tutorial", 2016) in the unit cube: a normal distribution
 * that moves to where the better half of each generation lies and learns its shape. The root of the covariance is its
 * Cholesky factor (O. Krause, D. R. Arbones, C. Igel, NIPS 2016). Parameters with steps keep a margin of probability for
 * their neighbours, so that none freezes: R. Hamano et al., "CMA-ES with margin" (GECCO 2022).
 */
export class Evolution {
  readonly #weights: readonly number[];
  readonly #effective: number;
  readonly #steps: Steps;
  #mean: Float64Array;
  #deviation = firstDeviation;
  #covariance: Float64Array[];
  #root: Cholesky;
  /** By axis: what the margin widens the distribution by. */
  #scale: Float64Array;
  #deviationPath: Float64Array;
  #covariancePath: Float64Array;
  #generation = 0;
  #lastBest: number[] = [];

  /** `axes`: what each searched parameter can take. `population`: points of a generation. */
  constructor(
    private readonly axes: readonly Pick<Domain, 'size' | 'cellOf'>[],
    readonly population: number,
    start: Float64Array,
  ) {
    const n = axes.length;
    const logs = Array.from({ length: population >> 1 }, (_, i) => Math.log((population + 1) / 2 / (i + 1)));
    const total = logs.reduce((sum, weight) => sum + weight, 0);
    this.#weights = logs.map((weight) => weight / total);
    this.#effective = 1 / this.#weights.reduce((sum, weight) => sum + weight * weight, 0);
    this.#steps = stepsOf(n, this.#effective);
    this.#mean = start.slice();
    this.#covariance = axes.map((_, i) => Float64Array.from({ length: i + 1 }, (__, j) => (i === j ? 1 : 0)));
    this.#root = this.#factorise();
    this.#scale = new Float64Array(n).fill(1);
    this.#deviationPath = new Float64Array(n);
    this.#covariancePath = new Float64Array(n);
  }

  get generation(): number {
    return this.#generation;
  }

  /** Whether it has nothing more to find: too narrow, or all its last generations gave the same. */
  get ended(): boolean {
    const widest = Math.max(
      ...this.#covariance.map((row, i) => (row[i] as number) * (this.#scale[i] as number) ** 2),
    );
    if (this.#deviation * Math.sqrt(widest) < leastDeviation) return true;
    const looked = 10 + Math.ceil((30 * this.axes.length) / this.population);
    if (this.#lastBest.length < looked) return false;
    const last = this.#lastBest.slice(-looked);
    return Math.max(...last) - Math.min(...last) < leastDifference;
  }

  /** A point of the present generation. */
  draw(random: Random): Float64Array {
    for (let i = 0; ; i++) {
      const z = Float64Array.from(this.axes, () => random.normal());
      const y = this.#root.times(z);
      const x = this.#mean.map((m, k) => m + this.#deviation * (this.#scale[k] as number) * (y[k] as number));
      if (x.every((value) => value >= 0 && value <= 1)) return x;
      if (i >= draws) return x.map((value) => Math.min(1, Math.max(0, value)));
    }
  }

  /** Goes on to the next generation. `points` are all of this one, best first; `best` is the cost of the first. */
  advance(points: readonly Float64Array[], best: number): void {
    const { damping, ofDeviation, ofPath, rankOne, rankMany } = this.#steps;
    const n = this.axes.length;
    this.#generation++;
    this.#lastBest.push(best);
    const scaled = points.map((x) =>
      x.map(
        (value, k) => (value - (this.#mean[k] as number)) / (this.#deviation * (this.#scale[k] as number)),
      ),
    );
    const step = new Float64Array(n);
    this.#weights.forEach((weight, i) => {
      scaled[i]?.forEach((value, k) => (step[k] = (step[k] as number) + weight * value));
    });
    this.#mean = this.#mean.map((m, k) =>
      Math.min(1, Math.max(0, m + this.#deviation * (this.#scale[k] as number) * (step[k] as number))),
    );
    const white = this.#root.solveLower(step);
    const keep = Math.sqrt(ofDeviation * (2 - ofDeviation) * this.#effective);
    this.#deviationPath = this.#deviationPath.map(
      (p, k) => (1 - ofDeviation) * p + keep * (white[k] as number),
    );
    const length = Math.hypot(...this.#deviationPath);
    const expected = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
    const settled = 1 - (1 - ofDeviation) ** (2 * this.#generation);
    const stalls = length / Math.sqrt(settled) >= (1.4 + 2 / (n + 1)) * expected;
    const along = stalls ? 0 : Math.sqrt(ofPath * (2 - ofPath) * this.#effective);
    this.#covariancePath = this.#covariancePath.map((p, k) => (1 - ofPath) * p + along * (step[k] as number));
    const forgotten = 1 - rankOne - rankMany + (stalls ? rankOne * ofPath * (2 - ofPath) : 0);
    this.#covariance = this.#covariance.map((row, i) =>
      row.map((value, j) => {
        let sum = forgotten * value;
        sum += rankOne * (this.#covariancePath[i] as number) * (this.#covariancePath[j] as number);
        this.#weights.forEach((weight, p) => {
          const y = scaled[p];
          if (y) sum += rankMany * weight * (y[i] as number) * (y[j] as number);
        });
        return sum;
      }),
    );
    this.#deviation *= Math.exp(Math.min(1, (ofDeviation / damping) * (length / expected - 1)));
    this.#root = this.#factorise();
    this.#keepMargins();
  }

  #keepMargins(): void {
    const least = 1 / (this.axes.length * this.population);
    this.axes.forEach(({ size, cellOf }, k) => {
      if (size === Infinity) return;
      const own = this.#deviation * Math.sqrt(this.#covariance[k]?.[k] ?? 1);
      const mean = this.#mean[k] as number;
      const kept = keepMargin(mean, own * (this.#scale[k] as number), cellOf(mean), least);
      this.#mean[k] = kept.mean;
      this.#scale[k] = kept.deviation / own;
    });
  }

  #factorise(): Cholesky {
    for (let extra = 0; extra < 1; extra = extra * 10 || 1e-14) {
      const rows = this.#covariance.map((row, i) => {
        const copy = row.slice();
        copy[i] = (copy[i] as number) * (1 + extra);
        return copy;
      });
      const factor = Cholesky.of(rows);
      if (factor) return factor;
    }
    throw new Error('the covariance of cmaes has values that are not numbers');
  }
}

/** How fast what is learned. */
interface Steps {
  readonly ofDeviation: number;
  readonly damping: number;
  readonly ofPath: number;
  readonly rankOne: number;
  readonly rankMany: number;
}

/** The settings of the tutorial, without negative weights. */
function stepsOf(n: number, effective: number): Steps {
  const ofDeviation = (effective + 2) / (n + effective + 5);
  const rankOne = 2 / ((n + 1.3) ** 2 + effective);
  return {
    ofDeviation,
    damping: 1 + ofDeviation + 2 * Math.max(0, Math.sqrt((effective - 1) / (n + 1)) - 1),
    ofPath: (4 + effective / n) / (n + 4 + (2 * effective) / n),
    rankOne,
    rankMany: Math.min(1 - rankOne, (2 * (effective - 2 + 1 / effective)) / ((n + 2) ** 2 + effective)),
  };
}
