import type { Evaluation } from './minimise.js';
import { logExpectedImprovement, logNormalCdf } from './log-expected-improvement.js';
import type { Posterior } from './posterior.js';

/** Added to the variance of labels of 1 (feasible) and -1: none is ever quite certain. */
const labelNoise = 0.02;

/** What is known about a function and about where it can be had. */
export interface Beliefs {
  /** Of the cost; absent as long as nothing feasible is known. */
  readonly cost?: { readonly posterior: Posterior; readonly best: number };
  /** Of labels, 1 feasible and -1 not; absent where everything was feasible. */
  readonly feasibility?: Posterior;
}

/**
 * The logarithm of the expected improvement times the probability that the result counts (M. A. Gelbart, J. Snoek,
 * R. P. Adams, UAI 2014).
 */
export function score({ cost, feasibility }: Beliefs, x: Float64Array): number {
  let value = 0;
  if (cost) {
    const { mean, variance } = cost.posterior.predict(x);
    value += logExpectedImprovement(mean, Math.sqrt(variance), cost.best).value;
  }
  if (feasibility) {
    const { mean, variance } = feasibility.predict(x);
    value += logNormalCdf(mean / Math.sqrt(variance + labelNoise)).value;
  }
  return value;
}

/** `score` with its slopes by every column that has an order. */
export function scoreWithSlopes({ cost, feasibility }: Beliefs, x: Float64Array): Evaluation {
  let value = 0;
  const gradient = new Float64Array(x.length);
  const add = (slopes: Float64Array, factor: number): void => {
    for (let k = 0; k < x.length; k++) gradient[k] = (gradient[k] as number) + factor * (slopes[k] as number);
  };
  if (cost) {
    const { mean, variance, meanSlopes, varianceSlopes } = cost.posterior.predictWithSlopes(x);
    const deviation = Math.sqrt(variance);
    const improvement = logExpectedImprovement(mean, deviation, cost.best);
    value += improvement.value;
    add(meanSlopes, improvement.byMean);
    add(varianceSlopes, improvement.byDeviation / (2 * deviation));
  }
  if (feasibility) {
    const { mean, variance, meanSlopes, varianceSlopes } = feasibility.predictWithSlopes(x);
    const deviation = Math.sqrt(variance + labelNoise);
    const probability = logNormalCdf(mean / deviation);
    value += probability.value;
    add(meanSlopes, probability.slope / deviation);
    add(varianceSlopes, (-probability.slope * mean) / (2 * deviation ** 3));
  }
  return { value, gradient };
}
