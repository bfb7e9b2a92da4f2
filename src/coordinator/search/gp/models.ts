import type { Beliefs } from './acquisition.js';
import type { Features } from './features.js';
import { byFronts } from '../fronts.js';
import { fit } from './fit.js';
import { HypervolumeImprovement, type Pair } from './hypervolume-improvement.js';
import { CostImprovement } from './improvement.js';
import { Posterior, type Data } from './posterior.js';
import type { Trend } from './trend.js';
import { scalesOf } from './trust-region.js';
import { mildOffsets, strongOffsets, warp } from './warp.js';

/** One configuration that the models are fitted to. */
export interface Sample {
  readonly x: Float64Array;
  /** Absent where there is no result. */
  readonly cost?: number;
  readonly count: number;
  readonly feasible: boolean;
}

export interface Models extends Beliefs {
  /** The feasible configuration that is expected to be the best. */
  readonly incumbent?: Float64Array;
}

/** What hyperparameters are fitted to, and what is predicted from, at most: these bound the cost of a suggestion. */
const fitted = 80;
const predictedFrom = 250;
const fitSteps = 25;

/** One configuration with two costs. */
export interface FrontSample extends Omit<Sample, 'cost'> {
  /** Absent where there is no result. */
  readonly costs?: readonly number[];
}

/** Points of the front that are looked at, at most: an improvement on it takes time proportional to them. */
const mostOfFront = 40;
/** How far below the front's worst the reference point is, as part of what it spans. */
const beyondFront = 0.1;
/** Costs further from the best than so many times what the median is tell no more. */
const outlying = 5;

/**
 * The models of samples. `side` is that of the region they are for, as part of the space: all of it where it is 1.
 * Deterministic.
 */
export function modelsOf(
  features: Features,
  samples: readonly Sample[],
  side: number,
  trend?: Trend,
): Models {
  const scales = scalesOf(features, side);
  const costs = modelCosts(features, samples, scales, side === 1 ? mildOffsets : strongOffsets, trend);
  const feasibility = modelFeasibility(features, samples, scales);
  return { ...costs, ...(feasibility && { feasibility }) };
}

function modelCosts(
  features: Features,
  samples: readonly Sample[],
  scales: Float64Array,
  offsets: readonly number[],
  trend?: Trend,
): Pick<Models, 'improvement' | 'noise' | 'incumbent'> {
  const sorted = samples
    .filter(({ cost }) => cost !== undefined)
    .sort((a, b) => (a.cost ?? 0) - (b.cost ?? 0));
  if (!sorted.some(({ feasible }) => feasible)) return {};
  const values = warp(
    sorted.map(({ cost }) => cost ?? 0),
    offsets,
  );
  const hyperparameters = fit(features, dataOf(sorted, values, fitted), scales, fitSteps, trend);
  const data = dataOf(sorted, values, predictedFrom);
  const posterior = new Posterior(features, hyperparameters, data, trend);
  let best = Infinity;
  let incumbent: Float64Array | undefined;
  for (const x of new Set(
    sorted
      .filter(({ feasible }) => feasible)
      .slice(0, fitted)
      .map((sample) => sample.x),
  )) {
    const { mean } = posterior.predict(x);
    if (mean < best) [best, incumbent] = [mean, x];
  }
  return {
    improvement: new CostImprovement(posterior, best),
    noise: Math.sqrt(hyperparameters.noise),
    ...(incumbent && { incumbent }),
  };
}

/**
 * Models of two costs, one for each, which together tell how much a result would add to the hypervolume: what the front
 * covers below a reference point a little beyond its ends.
 */
export function modelsOfTwo(features: Features, samples: readonly FrontSample[]): Beliefs {
  const scales = scalesOf(features, 1);
  const feasibility = modelFeasibility(features, samples, scales);
  const withCosts = samples.flatMap(({ x, count, feasible, costs }) =>
    costs ? [{ x, count, feasible, costs }] : [],
  );
  const feasible = byFronts(
    withCosts.filter((sample) => sample.feasible),
    predictedFrom,
  );
  if (feasible.length === 0) return { ...(feasibility && { feasibility }) };
  const sorted = [...feasible, ...withCosts.filter((sample) => !sample.feasible)];
  const posteriors = [0, 1].map((axis) => {
    const values = warp(clipped(sorted.map(({ costs }) => costs[axis] ?? 0)), []);
    const hyperparameters = fit(features, dataOf(sorted, values, fitted), scales, fitSteps);
    return new Posterior(features, hyperparameters, dataOf(sorted, values, predictedFrom));
  }) as [Posterior, Posterior];
  const expected = ({ x }: { readonly x: Float64Array }): Pair => [
    posteriors[0].predict(x).mean,
    posteriors[1].predict(x).mean,
  ];
  const front = feasible.slice(0, mostOfFront).map(expected);
  const reference = [0, 1].map((axis) => {
    const values = front.map((point) => point[axis] ?? 0);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return high + beyondFront * (high - low || 1);
  }) as [number, number];
  const improvement = new HypervolumeImprovement(posteriors, front, reference);
  return { improvement, ...(feasibility && { feasibility }) };
}

/** A model of costs as they are, without a logarithm: what it predicts is a cost less the mean, divided by `unit`. */
export interface RawModel {
  readonly posterior: Posterior;
  readonly unit: number;
  readonly medianAboveBest: number;
}

export function rawModel(
  features: Features,
  samples: readonly (Sample & { readonly cost: number })[],
): RawModel {
  const sorted = [...samples].sort((a, b) => a.cost - b.cost);
  const costs = clipped(sorted.map(({ cost }) => cost));
  const values = warp(costs, []);
  const hyperparameters = fit(features, dataOf(sorted, values, fitted), scalesOf(features, 1), fitSteps);
  const posterior = new Posterior(features, hyperparameters, dataOf(sorted, values, predictedFrom));
  const [least = 0, median = 0, most = 0] = [costs[0], costs[costs.length >> 1], costs.at(-1)];
  const spread = (values.at(-1) ?? 0) - (values[0] ?? 0);
  return { posterior, unit: spread > 0 ? (most - least) / spread : 1, medianAboveBest: median - least };
}

/** What an earlier sweep predicts, its costs best first: about mean 0 and variance 1 over its results. */
export function earlierModel(
  features: Features,
  sorted: readonly (Sample & { readonly cost: number })[],
): Posterior {
  const values = warp(
    sorted.map(({ cost }) => cost),
    mildOffsets,
  );
  const data = dataOf(sorted, values, fitted);
  return new Posterior(features, fit(features, data, scalesOf(features, 1), fitSteps), data);
}

/** Without what lies so far off that the others could not be told apart beside it. */
export function clipped(costs: readonly number[]): number[] {
  const sorted = [...costs].sort((a, b) => a - b);
  const least = sorted[0] ?? 0;
  const median = sorted[sorted.length >> 1] ?? 0;
  const most = median > least ? median + outlying * (median - least) : Infinity;
  return costs.map((cost) => Math.min(cost, most));
}

/** Whether results count, as labels of 1 and -1; undefined where all of them did. */
export function modelFeasibility(
  features: Features,
  samples: readonly Omit<Sample, 'cost'>[],
  scales: Float64Array,
): Posterior | undefined {
  if (samples.every(({ feasible }) => feasible)) return undefined;
  const labelled = (limit: number): Data => {
    const picked = ofBothKinds(samples, limit);
    const labels = Float64Array.from(picked, ({ feasible }) => (feasible ? 1 : -1));
    return dataOf(picked, labels, limit);
  };
  const hyperparameters = fit(features, labelled(fitted), scales, fitSteps);
  return new Posterior(features, hyperparameters, labelled(predictedFrom));
}

/**
 * At most `limit` of the samples, those that do not count first: of the rarer kind all, or half of the limit, for where
 * hardly anything counts the few that do are what is to be learned; of the other evenly chosen ones.
 */
function ofBothKinds<T extends Pick<Sample, 'feasible'>>(samples: readonly T[], limit: number): T[] {
  const bad = samples.filter(({ feasible }) => !feasible);
  const good = samples.filter(({ feasible }) => feasible);
  const half = Math.floor(limit / 2);
  const ofBad = Math.max(half, limit - good.length);
  const ofGood = Math.max(limit - half, limit - bad.length);
  return [...evenly(bad, ofBad), ...evenly(good, ofGood)];
}

function evenly<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  const stride = items.length / count;
  return Array.from({ length: count }, (_, i) => items[Math.floor(i * stride)] as T);
}

/** At most `limit` of the samples: half of them from the front, the rest evenly spread over the others. */
function dataOf(samples: readonly Omit<Sample, 'cost'>[], values: Float64Array, limit: number): Data {
  const indices: number[] = [];
  const first = samples.length <= limit ? samples.length : Math.floor(limit / 2);
  for (let i = 0; i < first; i++) indices.push(i);
  const stride = (samples.length - first) / (limit - first);
  if (first < samples.length) {
    for (let i = 0; i < limit - first; i++) indices.push(first + Math.floor(i * stride));
  }
  return {
    points: indices.map((i) => samples[i]?.x ?? new Float64Array()),
    values: Float64Array.from(indices, (i) => values[i] ?? 0),
    counts: Float64Array.from(indices, (i) => Math.max(1, samples[i]?.count ?? 1)),
  };
}
