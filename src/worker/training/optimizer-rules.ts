import type { ConstantName, OptimizerName } from '../../sweep/har/optimizers.js';
import * as tf from './tfjs.js';

/** What the numbers of a step are computed from. */
export interface MemberStep {
  /** The member's learning rate in this step. */
  readonly rate: number;
  /** 1 in the member's first step. */
  readonly step: number;
  /** A constant of this optimizer; one that it has not is undefined in truth. */
  readonly constant: (name: ConstantName) => number;
}

/** One weight's part of a step. */
export interface Update {
  /** [K, ...] */
  readonly weight: tf.Tensor;
  /** Shaped as the weight. */
  readonly gradient: tf.Tensor;
  /** Shaped as the weight; to be assigned to. */
  readonly slot: (name: string) => tf.Variable;
  /** A number a member, shaped to multiply the weight. The function is to be one constant, for its tensor is kept. */
  readonly number: (of: (member: MemberStep) => number) => tf.Tensor;
}

/** A member's values of a weight and of what belongs to it; all to be walked through alike. */
export interface ValuesUpdate {
  /** To be read only. */
  readonly weight: Float32Array;
  /** To be read only. */
  readonly gradient: Float32Array;
  /** In the order of the rule's `slots`; to be changed where they lie. */
  readonly slots: readonly Float32Array[];
  /** Where the new weight goes. */
  readonly changed: Float32Array;
  readonly member: MemberStep;
}

/** One way of changing weights by gradients. */
export interface Rule {
  /** Running values beside each weight, with the first value of each. */
  readonly slots: Readonly<Record<string, number>>;
  /** In operations of TensorFlow.js. @returns the new weight */
  readonly update: (update: Update) => tf.Tensor;
  /** The same in one loop, for memory that can be reached: dozens of operations a weight cost more than they compute. */
  readonly updateValues: (update: ValuesUpdate) => void;
}

const rate = ({ rate }: MemberStep): number => rate;
const constant =
  (name: ConstantName) =>
  ({ constant }: MemberStep): number =>
    constant(name);
const momentum = constant('momentum');
const decay = constant('decay');
const beta1 = constant('beta1');
const beta2 = constant('beta2');
const epsilon = constant('epsilon');
const rest =
  (name: ConstantName) =>
  ({ constant }: MemberStep): number =>
    1 - constant(name);
const restOfDecay = rest('decay');
const restOfBeta1 = rest('beta1');
const restOfBeta2 = rest('beta2');

/** slot = share * slot + (1 - share) * value. */
function average(slot: tf.Variable, value: tf.Tensor, share: tf.Tensor, others: tf.Tensor): tf.Variable {
  slot.assign(tf.add(tf.mul(slot, share), tf.mul(value, others)));
  return slot;
}

const descend = ({ weight, number }: Update, direction: tf.Tensor): tf.Tensor =>
  tf.sub(weight, tf.mul(number(rate), direction));

/** sqrt(1 - beta2^t) */
const secondRoot = ({ step, constant }: MemberStep): number => Math.sqrt(1 - constant('beta2') ** step);
const adamRate = (member: MemberStep): number =>
  (member.rate * secondRoot(member)) / (1 - member.constant('beta1') ** member.step);
const adamWEpsilon = (member: MemberStep): number => member.constant('epsilon') * secondRoot(member);
const shrinking = ({ rate, constant }: MemberStep): number => 1 - rate * constant('weightDecay');

/** Averages of the gradient and of its square; w - correctedRate * m / (sqrt(v) + epsilon). */
function adamStep(update: Update, weight: tf.Tensor, epsilonOf: (member: MemberStep) => number): tf.Tensor {
  const { gradient, slot, number } = update;
  const m = average(slot('first'), gradient, number(beta1), number(restOfBeta1));
  const v = average(slot('second'), tf.square(gradient), number(beta2), number(restOfBeta2));
  const direction = tf.div(m, tf.add(tf.sqrt(v), number(epsilonOf)));
  return tf.sub(weight, tf.mul(number(adamRate), direction));
}

function adamValues(
  { weight, gradient, slots, changed, member }: ValuesUpdate,
  epsilon: number,
  shrinking: number,
): void {
  const [first, second] = slots as [Float32Array, Float32Array];
  const [b1, b2] = [member.constant('beta1'), member.constant('beta2')];
  const rate = adamRate(member);
  for (let i = 0; i < weight.length; i++) {
    const g = gradient[i]!;
    first[i] = b1 * first[i]! + (1 - b1) * g;
    second[i] = b2 * second[i]! + (1 - b2) * g * g;
    changed[i] = shrinking * weight[i]! - (rate * first[i]!) / (Math.sqrt(second[i]!) + epsilon);
  }
}

export const optimizerRules = {
  /**
   * Gradient descent, with momentum (Polyak 1964) where that is above 0, as TensorFlow and PyTorch have it:
   * a = momentum * a + g; w -= lr * a.
   */
  sgd: {
    slots: { momentum: 0 },
    update: (update) => {
      const { gradient, slot, number } = update;
      const accumulated = slot('momentum');
      accumulated.assign(tf.add(tf.mul(accumulated, number(momentum)), gradient));
      return descend(update, accumulated);
    },
    updateValues: ({ weight, gradient, slots, changed, member }) => {
      const accumulated = slots[0]!;
      const share = momentum(member);
      for (let i = 0; i < weight.length; i++) {
        accumulated[i] = share * accumulated[i]! + gradient[i]!;
        changed[i] = weight[i]! - member.rate * accumulated[i]!;
      }
    },
  },
  /**
   * RMSProp (Tieleman and Hinton 2012) as TensorFlow 1 has it, without momentum: epsilon inside the root, and a mean
   * square that starts at 1, which makes the first steps small: w -= lr * g / sqrt(ms + epsilon).
   */
  rmsprop: {
    slots: { meanSquare: 1 },
    update: (update) => {
      const { gradient, slot, number } = update;
      const square = tf.square(gradient);
      const ms = average(slot('meanSquare'), square, number(decay), number(restOfDecay));
      return descend(update, tf.div(gradient, tf.sqrt(tf.add(ms, number(epsilon)))));
    },
    updateValues: ({ weight, gradient, slots, changed, member }) => {
      const ms = slots[0]!;
      const [share, added] = [decay(member), epsilon(member)];
      for (let i = 0; i < weight.length; i++) {
        const g = gradient[i]!;
        ms[i] = share * ms[i]! + (1 - share) * g * g;
        changed[i] = weight[i]! - (member.rate * g) / Math.sqrt(ms[i]! + added);
      }
    },
  },
  /** RMSProp as Keras 2 has it: the mean square starts at 0, epsilon outside the root. PyTorch's is the same. */
  'rmsprop-keras': {
    slots: { meanSquare: 0 },
    update: (update) => {
      const { gradient, slot, number } = update;
      const square = tf.square(gradient);
      const ms = average(slot('meanSquare'), square, number(decay), number(restOfDecay));
      return descend(update, tf.div(gradient, tf.add(tf.sqrt(ms), number(epsilon))));
    },
    updateValues: ({ weight, gradient, slots, changed, member }) => {
      const ms = slots[0]!;
      const [share, added] = [decay(member), epsilon(member)];
      for (let i = 0; i < weight.length; i++) {
        const g = gradient[i]!;
        ms[i] = share * ms[i]! + (1 - share) * g * g;
        changed[i] = weight[i]! - (member.rate * g) / (Math.sqrt(ms[i]!) + added);
      }
    },
  },
  /**
   * Adam (Kingma and Ba 2015) with epsilon as in TensorFlow and Keras ("epsilon hat", inside the corrected step):
   * w -= lr * sqrt(1 - b2^t) / (1 - b1^t) * m / (sqrt(v) + epsilon).
   */
  adam: {
    slots: { first: 0, second: 0 },
    update: (update) => adamStep(update, update.weight, epsilon),
    updateValues: (update) => adamValues(update, epsilon(update.member), 1),
  },
  /**
   * AdamW (Loshchilov and Hutter 2019) as PyTorch has it: all weights shrink by lr * weightDecay first, and epsilon is
   * added to the corrected root.
   */
  adamw: {
    slots: { first: 0, second: 0 },
    update: (update) => adamStep(update, tf.mul(update.weight, update.number(shrinking)), adamWEpsilon),
    updateValues: (update) => adamValues(update, adamWEpsilon(update.member), shrinking(update.member)),
  },
} as const satisfies Record<OptimizerName, Rule>;
