import type { Improvement } from './improvement.js';
import { logNormalCdf } from './log-expected-improvement.js';
import type { Evaluation } from './minimise.js';
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
  /** Absent as long as nothing feasible is known. */
  readonly improvement?: Improvement;
  /** The standard deviation of one result, in the unit of `improvement`; absent where it is of several costs. */
  readonly noise?: number;
  /** Of labels, 1 feasible and -1 not; absent where everything was feasible. */
  readonly feasibility?: Posterior;
}

/**
 * The logarithm of the expected improvement times the probability that the result counts (M. A. Gelbart, J. Snoek,
 * R. P. Adams, UAI 2014).
 */
export function score({ improvement, feasibility }: Beliefs, x: Float64Array): number {
  let value = improvement?.at(x) ?? 0;
  if (feasibility) {
    const { mean, variance } = feasibility.predict(x);
    value +=
      logNormalCdf(mean / Math.sqrt(variance + labelNoise)).value +
      priceOfLikelyLoss * Math.min(0, mean - safeLabel);
  }
  return value;
}

/** Takes it as given that a result here would be what is expected of it, so that nobody else asks for the same. */
export function believe({ improvement, feasibility }: Beliefs, x: Float64Array): void {
  const counts = !feasibility || feasibility.predict(x).mean > 0;
  feasibility?.believe(x);
  improvement?.believe(x, counts);
}

/** `score` with its slopes by every column that has an order. */
export function scoreWithSlopes({ improvement, feasibility }: Beliefs, x: Float64Array): Evaluation {
  const gained = improvement?.withSlopes(x);
  let value = gained?.value ?? 0;
  const gradient = gained?.gradient ?? new Float64Array(x.length);
  if (feasibility) {
    const { mean, variance, meanSlopes, varianceSlopes } = feasibility.predictWithSlopes(x);
    const deviation = Math.sqrt(variance + labelNoise);
    const probability = logNormalCdf(mean / deviation);
    value += probability.value + priceOfLikelyLoss * Math.min(0, mean - safeLabel);
    const byMean = probability.slope / deviation + (mean < safeLabel ? priceOfLikelyLoss : 0);
    const byVariance = (-probability.slope * mean) / (2 * deviation ** 3);
    for (let k = 0; k < x.length; k++) {
      gradient[k] =
        (gradient[k] as number) +
        byMean * (meanSlopes[k] as number) +
        byVariance * (varianceSlopes[k] as number);
    }
  }
  return { value, gradient };
}
