import type { Dropout } from './dropout.js';
import type * as tf from './tfjs.js';
import type { WeightOf, WeightSpecs } from './weights.js';

/** One output of a network with the labels it is trained on. */
export interface Head {
  readonly name: string;
  /** The label a class counts as, by class; classes that count as one are merged. */
  readonly relabel: readonly number[];
  /** Where other labels are trained in some passes (from 0): `relabel` is what it is judged by. */
  readonly relabelOfPass?: (pass: number) => readonly number[];
}

/**
 * A network over windows, and the order in which its heads are trained. Everything is stacked over the K members of a
 * pack; a network knows nothing of members, optimizers or data sets.
 */
export interface Architecture {
  readonly weights: WeightSpecs;
  /** How many layers drop values while training: each member has a rate for each. @default 0 */
  readonly dropouts?: number;
  /** The last one is what the network is judged by. */
  readonly heads: readonly Head[];
  /** Passes over the train set in all. */
  readonly passes: number;
  /** The heads that every batch of this pass (from 0) trains, one after the other, by position in `heads`. */
  headsOfPass(pass: number): readonly number[];
  /**
   * @param x [K, T, B, I], or [1, T, B, I] where all members read the same
   * @param head position in `heads`
   * @param dropout called once for each of the `dropouts`
   * @returns [K, B, classes]: their softmax is what the network says
   */
  logits(weight: WeightOf, x: tf.Tensor4D, head: number, dropout: Dropout): tf.Tensor3D;
}
