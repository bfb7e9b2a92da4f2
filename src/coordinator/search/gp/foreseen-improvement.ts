import type { Improvement } from './improvement.js';
import { logExpectedImprovement } from './log-expected-improvement.js';
import type { Evaluation } from './minimise.js';
import type { Posterior, Prediction } from './posterior.js';

/** Between the points that a slope is taken from, as part of a parameter's range. */
const step = 1e-4;

/**
 * What a short look at a configuration promises for a whole training: the expected improvement at its end by what is
 * expected once the short look's result is known. It is large where the end may be good and the short look tells it
 * (the knowledge gradient of P. Frazier et al., 2009, for one configuration; the correlation of D. Huang et al.,
 * "Sequential kriging optimization using multiple-fidelity evaluations", 2006).
 */
export class ForeseenImprovement implements Improvement {
  /** @param length the column that says how far a trial is trained; `x` are trained to the end, looks to `look` */
  constructor(
    private readonly posterior: Posterior,
    private readonly best: number,
    private readonly length: number,
    private readonly look: number,
  ) {}

  at(x: Float64Array): number {
    const { mean, variance } = this.foresee(x);
    return logExpectedImprovement(mean, Math.sqrt(variance), this.best).value;
  }

  withSlopes(x: Float64Array): Evaluation {
    const value = this.at(x);
    const gradient = new Float64Array(x.length);
    for (let k = 0; k < this.length; k++) {
      const other = x.slice();
      other[k] = (x[k] as number) + ((x[k] as number) < 0.5 ? step : -step);
      gradient[k] = (this.at(other) - value) / ((other[k] as number) - (x[k] as number));
    }
    return { value, gradient };
  }

  believe(x: Float64Array): void {
    this.posterior.believe(this.looked(x));
  }

  private foresee(x: Float64Array): Prediction {
    return this.posterior.foresee(x, this.looked(x));
  }

  private looked(x: Float64Array): Float64Array {
    const looked = x.slice();
    looked[this.length] = this.look;
    return looked;
  }
}
