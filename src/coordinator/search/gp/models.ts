import type { Beliefs } from './acquisition.js';
import type { Features } from './features.js';
import { fit } from './fit.js';
import { Posterior, type Data } from './posterior.js';
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

/**
 * The models of samples. `side` is that of the region they are for, as part of the space: all of it where it is 1.
 * Deterministic.
 */
export function modelsOf(features: Features, samples: readonly Sample[], side: number): Models {
  const scales = scalesOf(features, side);
  const costs = modelCosts(features, samples, scales, side === 1 ? mildOffsets : strongOffsets);
  const feasibility = modelFeasibility(features, samples, scales);
  return { ...costs, ...(feasibility && { feasibility }) };
}

function modelCosts(
  features: Features,
  samples: readonly Sample[],
  scales: Float64Array,
  offsets: readonly number[],
): Pick<Models, 'cost' | 'incumbent'> {
  const sorted = samples
    .filter(({ cost }) => cost !== undefined)
    .sort((a, b) => (a.cost ?? 0) - (b.cost ?? 0));
  if (!sorted.some(({ feasible }) => feasible)) return {};
  const values = warp(
    sorted.map(({ cost }) => cost ?? 0),
    offsets,
  );
  const hyperparameters = fit(features, dataOf(sorted, values, fitted), scales, fitSteps);
  const data = dataOf(sorted, values, predictedFrom);
  const posterior = new Posterior(features, hyperparameters, data);
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
  return { cost: { posterior, best }, ...(incumbent && { incumbent }) };
}

function modelFeasibility(
  features: Features,
  samples: readonly Sample[],
  scales: Float64Array,
): Posterior | undefined {
  if (samples.every(({ feasible }) => feasible)) return undefined;
  // Both kinds are to be among those that are picked.
  const sorted = [...samples].sort((a, b) => Number(a.feasible) - Number(b.feasible));
  const labels = Float64Array.from(sorted, ({ feasible }) => (feasible ? 1 : -1));
  const hyperparameters = fit(features, dataOf(sorted, labels, fitted, 0), scales, fitSteps);
  return new Posterior(features, hyperparameters, dataOf(sorted, labels, predictedFrom, 0));
}

/** At most `limit` of the samples: a part of them from the front, the rest evenly spread over the others. */
function dataOf(samples: readonly Sample[], values: Float64Array, limit: number, front = 0.5): Data {
  const indices: number[] = [];
  const first = samples.length <= limit ? samples.length : Math.floor(limit * front);
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
