import { logExpectedImprovement } from './log-expected-improvement.js';
import type { Evaluation } from './minimise.js';
import type { Posterior } from './posterior.js';

/** What a result is expected to gain on what is known: its logarithm. */
export interface Improvement {
  at(x: Float64Array): number;
  /** With its slopes by every column that has an order. */
  withSlopes(x: Float64Array): Evaluation;
  /** Takes it as given that a result here is what is expected of it. `counts`: whether it is feasible. */
  believe(x: Float64Array, counts: boolean): void;
}

/** On the least cost that is known or believed. */
export class CostImprovement implements Improvement {
  constructor(
    private readonly posterior: Posterior,
    private best: number,
  ) {}

  at(x: Float64Array): number {
    const { mean, variance } = this.posterior.predict(x);
    return logExpectedImprovement(mean, Math.sqrt(variance), this.best).value;
  }

  withSlopes(x: Float64Array): Evaluation {
    const { mean, variance, meanSlopes, varianceSlopes } = this.posterior.predictWithSlopes(x);
    const deviation = Math.sqrt(variance);
    const { value, byMean, byDeviation } = logExpectedImprovement(mean, deviation, this.best);
    const byVariance = byDeviation / (2 * deviation);
    const gradient = meanSlopes.map(
      (slope, k) => byMean * slope + byVariance * (varianceSlopes[k] as number),
    );
    return { value, gradient };
  }

  believe(x: Float64Array, counts: boolean): void {
    if (counts) this.best = Math.min(this.best, this.posterior.predict(x).mean);
    this.posterior.believe(x);
  }
}
