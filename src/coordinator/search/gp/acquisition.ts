import type { Evaluation } from './minimise.js';
import { logExpectedImprovement, logNormalCdf } from './log-expected-improvement.js';
import type { Posterior } from './posterior.js';

/** Added to the variance of labels of 1 (feasible) and -1: none is ever quite certain. */
const labelNoise = 0.02;
/**
 * Labels expected below the first are paid for by the second. Cost models go on beyond the border, where an improvement
 * may look so large that a small probability does not matter: what is likely to be lost is left for when nothing else is
 * worth a trial.
 */
const safeLabel = 0.5;
const priceOfLikelyLoss = 30;

/** What is known about a function and about where it can be had. */
export interface Beliefs {
  /** Of the cost; absent as long as nothing feasible is known. */
  readonly cost?: {
    readonly posterior: Posterior;
    /** The least cost that is known or believed: improvements count from here. */
    best: number;
  };
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
    value +=
      logNormalCdf(mean / Math.sqrt(variance + labelNoise)).value +
      priceOfLikelyLoss * Math.min(0, mean - safeLabel);
  }
  return value;
}

/** Takes it as given that a result here would be what is expected of it, so that nobody else asks for the same. */
export function believe({ cost, feasibility }: Beliefs, x: Float64Array): void {
  const counts = !feasibility || feasibility.predict(x).mean > 0;
  feasibility?.believe(x);
  if (!cost) return;
  if (counts) cost.best = Math.min(cost.best, cost.posterior.predict(x).mean);
  cost.posterior.believe(x);
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
    value += probability.value + priceOfLikelyLoss * Math.min(0, mean - safeLabel);
    add(meanSlopes, probability.slope / deviation + (mean < safeLabel ? priceOfLikelyLoss : 0));
    add(varianceSlopes, (-probability.slope * mean) / (2 * deviation ** 3));
  }
  return { value, gradient };
}
