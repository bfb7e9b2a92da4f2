import * as tf from './tfjs.js';
import { keepMembers } from './weights.js';

/**
 * Changes the stacked weights of a pack by their gradients; every member has its own learning rate. State is kept for
 * the weights that were ever given a gradient, so one optimizer a head can share all weights with another's.
 */
export interface Optimizer {
  /** @param gradients by the name of the weight, each shaped as the weight, [K, ...] */
  apply(weights: Readonly<Record<string, tf.Variable>>, gradients: Readonly<Record<string, tf.Tensor>>): void;
  /** Only these members go on (positions in the pack so far, ascending). */
  keep(members: readonly number[]): void;
  dispose(): void;
}

export const optimizerNames = ['rmsprop', 'adam'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

/** @param learningRates one a member */
export function createOptimizer(name: OptimizerName, learningRates: readonly number[]): Optimizer {
  return name === 'adam' ? new Adam(learningRates) : new RmsProp(learningRates);
}

type Slots = Map<string, tf.Variable>;

/** What both have: learning rates by member, and running averages ("slots") beside each weight. */
abstract class StackedOptimizer implements Optimizer {
  private rates: readonly number[];
  private readonly slots: Slots[] = [];

  constructor(learningRates: readonly number[]) {
    this.rates = learningRates;
  }

  abstract apply(
    weights: Readonly<Record<string, tf.Variable>>,
    gradients: Readonly<Record<string, tf.Tensor>>,
  ): void;

  keep(members: readonly number[]): void {
    this.rates = members.map((member) => this.rates[member]!);
    for (const slots of this.slots)
      for (const [name, variable] of slots) slots.set(name, keepMembers(variable, members));
  }

  dispose(): void {
    for (const slots of this.slots) for (const variable of slots.values()) variable.dispose();
    this.slots.length = 0;
  }

  protected createSlots(): Slots {
    const slots: Slots = new Map();
    this.slots.push(slots);
    return slots;
  }

  /** The slot of a weight, made when the weight is first changed. Not trainable. */
  protected slot(slots: Slots, name: string, like: tf.Tensor, first: number): tf.Variable {
    let variable = slots.get(name);
    if (!variable) {
      variable = tf.variable(tf.fill(like.shape, first), false);
      slots.set(name, variable);
    }
    return variable;
  }

  /** Learning rates times `factor`, shaped to multiply a weight of this rank. */
  protected ratesFor(rank: number, factor: number): tf.Tensor {
    const shape = [this.rates.length, ...new Array<number>(rank - 1).fill(1)];
    return tf.tensor(
      this.rates.map((rate) => rate * factor),
      shape,
    );
  }
}

/**
 * Adam (Kingma and Ba 2015) with epsilon as in TensorFlow ("epsilon hat", inside the corrected step):
 * w -= lr * sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + epsilon).
 */
class Adam extends StackedOptimizer {
  private static readonly beta1 = 0.9;
  private static readonly beta2 = 0.999;
  private static readonly epsilon = 1e-8;
  private readonly first = this.createSlots();
  private readonly second = this.createSlots();
  private steps = 0;

  apply(weights: Record<string, tf.Variable>, gradients: Record<string, tf.Tensor>): void {
    const { beta1, beta2, epsilon } = Adam;
    this.steps += 1;
    const correction = Math.sqrt(1 - beta2 ** this.steps) / (1 - beta1 ** this.steps);
    tf.tidy(() => {
      for (const [name, gradient] of Object.entries(gradients)) {
        const weight = weights[name]!;
        const m = this.slot(this.first, name, weight, 0);
        const v = this.slot(this.second, name, weight, 0);
        m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
        v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
        const step = tf.div(m, tf.add(tf.sqrt(v), epsilon));
        weight.assign(tf.sub(weight, tf.mul(this.ratesFor(weight.rank, correction), step)));
      }
    });
  }
}

/**
 * RMSProp (Tieleman and Hinton 2012) as TensorFlow 1 has it: no momentum, epsilon inside the root, and a mean square
 * that starts at 1, which makes the first steps small: w -= lr * g / sqrt(ms + epsilon).
 */
class RmsProp extends StackedOptimizer {
  private static readonly decay = 0.9;
  private static readonly epsilon = 1e-10;
  private readonly meanSquare = this.createSlots();

  apply(weights: Record<string, tf.Variable>, gradients: Record<string, tf.Tensor>): void {
    const { decay, epsilon } = RmsProp;
    tf.tidy(() => {
      for (const [name, gradient] of Object.entries(gradients)) {
        const weight = weights[name]!;
        const ms = this.slot(this.meanSquare, name, weight, 1);
        ms.assign(tf.add(tf.mul(ms, decay), tf.mul(tf.square(gradient), 1 - decay)));
        const step = tf.div(gradient, tf.sqrt(tf.add(ms, epsilon)));
        weight.assign(tf.sub(weight, tf.mul(this.ratesFor(weight.rank, 1), step)));
      }
    });
  }
}
