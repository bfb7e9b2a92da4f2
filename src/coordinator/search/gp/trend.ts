import type { Posterior } from './posterior.js';

/** Functions of which a Gaussian process takes a part each, unknown and normal with mean 0 and variance 1. */
export interface Basis {
  at(x: Float64Array): Float64Array;
  /** By function: its slopes by every column that has an order. */
  slopesAt(x: Float64Array): Float64Array[];
}

/**
 * What earlier sweeps predict, as trends of a Gaussian process: a result is a part of each prediction, unknown and
 * normal with mean 0 and variance 1, and what is left, which a kernel explains (M. C. Kennedy and A. O'Hagan,
 * "Predicting the output from a complex computer code when fast approximations are available", Biometrika 2000; fitted
 * one after the other as by L. Le Gratiet and J. Garnier, 2014). Where an earlier sweep tells nothing of this one, its
 * part comes out near 0 after a few results, and where it is turned round, below.
 */
export class Trend implements Basis {
  private readonly known = new WeakMap<Float64Array, Float64Array>();

  constructor(private readonly posteriors: readonly Posterior[]) {}

  /** The prediction of each earlier sweep. */
  at(x: Float64Array): Float64Array {
    let found = this.known.get(x);
    if (!found) {
      found = Float64Array.from(this.posteriors, (posterior) => posterior.expect(x));
      this.known.set(x, found);
    }
    return found;
  }

  /** How many earlier sweeps there are. */
  get size(): number {
    return this.posteriors.length;
  }

  /** By earlier sweep: its slopes by every column that has an order. */
  slopesAt(x: Float64Array): Float64Array[] {
    return this.posteriors.map((posterior) => posterior.predictWithSlopes(x).meanSlopes);
  }
}
