import type { Parameters } from '../../../sweep/parameter.js';
import type { Random } from '../../../sweep/random.js';
import type { Space } from '../../../sweep/space.js';
import { Features } from './features.js';
import { fit } from './fit.js';
import { ForeseenImprovement } from './foreseen-improvement.js';
import { clipped } from './models.js';
import { Posterior, type Data } from './posterior.js';
import { propose, type Effort, type Region } from './proposal.js';
import type { Basis, Trend } from './trend.js';
import { scalesOf, wholeSpace } from './trust-region.js';
import { mildOffsets, warp } from './warp.js';

/** What a trial reported at one of the steps at which trials are judged. */
export interface CurvePoint {
  readonly number: number;
  readonly parameters: Parameters;
  readonly step: number;
  /** Smaller is better; not NaN. */
  readonly cost: number;
}

/** Where trials are judged first, and where they end. */
export interface Lengths {
  readonly first: number;
  readonly last: number;
}

/** What hyperparameters are fitted to, and what is predicted from, at most: these bound the cost of a model. */
const fitted = 60;
const predictedFrom = 120;
const fitSteps = 15;
/** How much larger than the spread of all results the common way from the first step to the last may be. */
const commonWay = 3;
/** Of the way to the end, t^-power is left at step t: near what is seen of many models (cf. J. Hestness et al., 2017). */
const power = 0.5;
/** Configurations around which new ones are looked for. */
const mostCentres = 5;
const largest = 1e100;

/**
 * One Gaussian process of configurations and of how far they are trained, which tells from short trainings what long
 * ones would give: K. Kandasamy et al., "Multi-fidelity Bayesian optimisation with continuous approximations" (2017),
 * with a mean that goes down as learning curves do, differently steep for each configuration (linear in its
 * parameters), as in K. Swersky et al., "Freeze-thaw Bayesian optimization" (2014). Deterministic; points may come in
 * any order. What earlier sweeps tell of whole trainings is a trend of it. Costs about 50 ms, however many points there are.
 */
export class CurveModel {
  readonly features: Features;
  /** What the best configuration that was tried is expected to come to; ends are in this unit, which is no metric's. */
  readonly best: number;
  private readonly posterior: Posterior;
  /** By trial, in the order of numbers. */
  private readonly ends = new Map<number, { readonly x: Float64Array; readonly end: number }>();

  constructor(
    space: Space,
    points: readonly CurvePoint[],
    private readonly lengths: Lengths,
    trend?: Trend,
  ) {
    const features = new Features(space, true);
    this.features = features;
    // Those that were trained furthest first: where not all fit, the others are thinned out.
    const sorted = [...points].sort((a, b) => b.step - a.step || a.cost - b.cost || a.number - b.number);
    const values = warp(finite(sorted.map(({ cost }) => cost)), mildOffsets);
    const at = sorted.map(({ parameters, step }) => this.trainedTo(features.of(parameters), step));
    const basis = trend ? both(this.basis(), untrained(trend, features.size)) : this.basis();
    const hyperparameters = fit(features, dataOf(at, values, fitted), scalesOf(features, 1), fitSteps, basis);
    this.makePosterior = () =>
      new Posterior(features, hyperparameters, dataOf(at, values, predictedFrom), basis);
    this.posterior = this.makePosterior();
    for (const { number, parameters } of [...points].sort((a, b) => a.number - b.number)) {
      if (this.ends.has(number)) continue;
      const x = features.of(parameters);
      this.ends.set(number, { x, end: this.posterior.expect(x) });
    }
    this.best = Math.min(...[...this.ends.values()].map(({ end }) => end));
  }

  private readonly makePosterior: () => Posterior;

  /** What a trial that has points is expected to come to, less for better ones; Infinity for others. */
  expectedEnd(number: number): number {
    return this.ends.get(number)?.end ?? Infinity;
  }

  /** From 1, among all trials by what they are expected to come to. */
  rank(number: number): number {
    const own = this.expectedEnd(number);
    return (
      1 + [...this.ends].filter(([other, { end }]) => end < own || (end === own && other < number)).length
    );
  }

  /** How many trials have points. */
  get size(): number {
    return this.ends.size;
  }

  /** The logarithm of what training a trial as far as `step` promises for its end; -Infinity where it has no points. */
  gain(number: number, step: number): number {
    const found = this.ends.get(number);
    return found ? this.improvement(this.posterior, step).at(found.x) : -Infinity;
  }

  /** What a new configuration promises at most that is trained to the first step: the logarithm, as of `gain`. */
  gainOfNew(space: Space, effort: Effort, random: Random): number {
    const improvement = this.forNew();
    const [found] = propose(space, this.features, { improvement }, this.region(), effort, random);
    return found ? improvement.at(this.features.of(found)) : -Infinity;
  }

  /** What new configurations promise; it may be told to believe some. */
  forNew(): ForeseenImprovement {
    return this.improvement(this.makePosterior(), this.lengths.first);
  }

  /** Where new configurations are looked for. */
  region(): Region {
    const best = [...this.ends.values()].sort((a, b) => a.end - b.end).slice(0, mostCentres);
    return { bounds: wholeSpace(this.features), centres: best.map(({ x }) => x), mutation: 1 };
  }

  private improvement(posterior: Posterior, step: number): ForeseenImprovement {
    return new ForeseenImprovement(posterior, this.best, this.features.size - 1, this.lengthAt(step));
  }

  /** The logarithm of a step, from 0 (where trials are judged first) to 1 (the end). */
  private lengthAt(step: number): number {
    const { first, last } = this.lengths;
    return Math.min(1, Math.max(0, Math.log(step / first) / Math.log(last / first)));
  }

  private trainedTo(x: Float64Array, step: number): Float64Array {
    const trained = x.slice();
    trained[this.features.size - 1] = this.lengthAt(step);
    return trained;
  }

  /** What is left of the way to the end: common to all, and more or less of it by each ordered parameter. */
  private basis(): Basis {
    const { axes, size } = this.features;
    const { first, last } = this.lengths;
    const end = (last / first) ** -power;
    const ordered = axes.flatMap(({ unordered }, k) => (unordered ? [] : [k]));
    return {
      at: (x) => {
        const left = (end ** (x[size - 1] as number) - end) / (1 - end);
        return Float64Array.from([commonWay * left, ...ordered.map((k) => left * ((x[k] as number) - 0.5))]);
      },
      // At the end nothing is left.
      slopesAt: () => [commonWay, ...ordered].map(() => new Float64Array(size)),
    };
  }
}

/** A trend of configurations alone as one of configurations and lengths: the last column says nothing to it. */
function untrained(trend: Trend, size: number): Basis {
  // The same array for the same point, for the trend knows it again.
  const known = new WeakMap<Float64Array, Float64Array>();
  const configuration = (x: Float64Array): Float64Array => {
    let found = known.get(x);
    if (!found) known.set(x, (found = x.slice(0, size - 1)));
    return found;
  };
  return {
    at: (x) => trend.at(configuration(x)),
    slopesAt: (x) => trend.slopesAt(configuration(x)).map((slopes) => Float64Array.from([...slopes, 0])),
  };
}

function both(a: Basis, b: Basis): Basis {
  return {
    at: (x) => Float64Array.from([...a.at(x), ...b.at(x)]),
    slopesAt: (x) => [...a.slopesAt(x), ...b.slopesAt(x)],
  };
}

/** What is infinite counts as the worst that is not. */
function finite(costs: readonly number[]): number[] {
  const usable = costs.filter((cost) => Math.abs(cost) < largest);
  const worst = usable.reduce((a, b) => Math.max(a, b), -Infinity);
  return clipped(costs.map((cost) => (Math.abs(cost) < largest ? cost : Number.isFinite(worst) ? worst : 0)));
}

/** At most `limit` points: the first half of them, the rest evenly spread over the others. */
function dataOf(points: readonly Float64Array[], values: Float64Array, limit: number): Data {
  const first = points.length <= limit ? points.length : limit >> 1;
  const stride = (points.length - first) / (limit - first);
  const indices = Array.from({ length: Math.min(limit, points.length) }, (_, i) =>
    i < first ? i : first + Math.floor((i - first) * stride),
  );
  return {
    points: indices.map((i) => points[i] as Float64Array),
    values: Float64Array.from(indices, (i) => values[i] as number),
    counts: new Float64Array(indices.length).fill(1),
  };
}
