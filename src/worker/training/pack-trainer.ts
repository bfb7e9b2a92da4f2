import type { Random } from '../../sweep/random.js';
import type { Architecture } from './architecture.js';
import { createOptimizer, type Optimizer, type OptimizerName } from './optimizers.js';
import * as tf from './tfjs.js';
import { createWeights, keepMembers, type WeightOf } from './weights.js';

/** What a member of a pack may have of its own; everything else members share. */
export interface MemberSettings {
  readonly learningRate: number;
  /** Factor of the sum of half the squared weights in the loss. */
  readonly l2: number;
  readonly random: Random;
}

/**
 * Models of one architecture that train as one program: weights stacked along a first axis, one step for all. Members
 * are independent: none sees another's data, gradients or learning rate, and one may leave at any time.
 */
export class PackTrainer {
  private weights: Record<string, tf.Variable>;
  private readonly optimizers: readonly Optimizer[];
  private l2: readonly number[];

  constructor(
    private readonly architecture: Architecture,
    optimizer: OptimizerName,
    members: readonly MemberSettings[],
  ) {
    this.weights = createWeights(
      architecture.weights,
      members.map((member) => member.random),
    );
    const learningRates = members.map((member) => member.learningRate);
    this.optimizers = architecture.heads.map(() => createOptimizer(optimizer, learningRates));
    this.l2 = members.map((member) => member.l2);
  }

  /**
   * One step of one head's optimizer for every member.
   * @param x [K, T, B, I], or [1, T, B, I] where all members read the same
   * @param labels [K, B, classes] or [1, B, classes], one-hot
   * @returns [K], the loss before the step, which the caller disposes
   */
  step(head: number, x: tf.Tensor4D, labels: tf.Tensor3D): tf.Tensor1D {
    return tf.tidy(() => {
      const losses: tf.Tensor1D[] = [];
      const { grads } = tf.variableGrads(() => {
        const loss = this.loss(head, x, labels);
        losses.push(tf.keep(loss));
        return tf.sum<tf.Scalar>(loss);
      }, Object.values(this.weights));
      // A weight that this head's loss does not depend on has no gradient, and this optimizer leaves it alone.
      const gradients = Object.fromEntries(
        Object.entries(this.weights).flatMap(([name, weight]) => {
          const gradient = grads[weight.name];
          return gradient ? [[name, gradient]] : [];
        }),
      );
      this.optimizers[head]!.apply(this.weights, gradients);
      return losses[0]!;
    });
  }

  /** @returns [K, B, classes]; shapes as for `step`. The caller disposes it. */
  logits(head: number, x: tf.Tensor4D): tf.Tensor3D {
    return tf.tidy(() => this.architecture.logits(this.weightOf, x, head));
  }

  /** [K]: mean cross-entropy over the batch, and half the squared weights times l2. */
  private loss(head: number, x: tf.Tensor4D, labels: tf.Tensor3D): tf.Tensor1D {
    const logits = this.architecture.logits(this.weightOf, x, head);
    const batch = logits.shape[1];
    const entropy = tf.div<tf.Tensor1D>(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), [1, 2]), -batch);
    if (this.l2.every((factor) => factor === 0)) return entropy;
    const squares = Object.values(this.weights).map((weight) =>
      tf.sum(tf.square(tf.reshape(weight, [this.l2.length, -1])), 1),
    );
    const penalty = tf.mul(tf.addN(squares), tf.tensor1d(this.l2.map((factor) => factor / 2)));
    return tf.add(entropy, penalty);
  }

  /** Only these members go on (positions in the pack so far, ascending). */
  keep(members: readonly number[]): void {
    for (const [name, variable] of Object.entries(this.weights))
      this.weights[name] = keepMembers(variable, members);
    for (const optimizer of this.optimizers) optimizer.keep(members);
    this.l2 = members.map((member) => this.l2[member]!);
  }

  dispose(): void {
    for (const variable of Object.values(this.weights)) variable.dispose();
    for (const optimizer of this.optimizers) optimizer.dispose();
    this.weights = {};
  }

  private readonly weightOf: WeightOf = <T extends tf.Tensor>(name: string): T => {
    const weight = this.weights[name];
    if (!weight) throw new Error(`the architecture has no weight ${name}`);
    return weight as tf.Tensor as T;
  };
}
