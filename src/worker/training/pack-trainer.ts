import type { Random } from '../../sweep/random.js';
import type { Constants, OptimizerName } from '../../sweep/har/optimizers.js';
import type { Architecture } from './architecture.js';
import type { ClippingOptions } from './clipping.js';
import { dropoutOf, noDropout, type Dropout, type DropoutMember } from './dropout.js';
import { freeingTape } from './gradient-tape.js';
import { createOptimizer, type Optimizer } from './optimizers.js';
import * as tf from './tfjs.js';
import { createWeights, keepMembers, type WeightOf } from './weights.js';

/** What a member of a pack may have of its own; everything else members share. */
export interface MemberSettings {
  readonly learningRate: number;
  /** Factor of the squared weights in the loss: see `WeightSpec.l2Factor`. */
  readonly l2: number;
  readonly random: Random;
  /** The optimizer's constants; what is left out is as usual for it. */
  readonly constants?: Constants;
  /** Probability of dropping, by dropout layer. */
  readonly dropouts?: readonly number[];
}

/** What members share. */
export interface TrainerOptions extends ClippingOptions {
  readonly optimizer: OptimizerName;
}

/** Some rows of a batch, which begin at row `first` of it. Shapes are as for `PackTrainer.step`. */
export interface BatchPart {
  readonly x: tf.Tensor4D;
  readonly labels: tf.Tensor3D;
  readonly first: number;
}

type Gradients = Readonly<Record<string, tf.Tensor>>;

/** A part's share of a step; the parts' sums are those of the whole batch. */
interface PartOfStep {
  readonly loss: tf.Tensor1D;
  /** By the name of the weight. */
  readonly gradients: Gradients;
}

/** A member while it trains. */
export interface TrainerMember {
  readonly settings: MemberSettings;
  /** What its dropout masks follow from, with `step`. */
  readonly maskSeed: number;
  /** Steps that it has trained, of all heads. */
  step: number;
}

/**
 * Models of one architecture that train as one program: weights stacked along a first axis, one step for all. Members
 * are independent: none sees another's data, gradients or learning rate, and one may leave at any time.
 */
export class PackTrainer {
  /** By name, [K, ...]. */
  readonly weights: Record<string, tf.Variable>;
  /** One for each head. */
  readonly optimizers: readonly Optimizer[];
  /** In the order of the first axis. */
  members: readonly TrainerMember[];

  constructor(
    private readonly architecture: Architecture,
    private readonly options: TrainerOptions,
    members: readonly MemberSettings[],
  ) {
    this.weights = createWeights(
      architecture.weights,
      members.map((member) => member.random),
    );
    const constants = members.map((member) => member.constants ?? {});
    this.optimizers = architecture.heads.map(() => createOptimizer(options.optimizer, constants));
    this.members = members.map((settings) => ({
      settings,
      maskSeed: settings.dropouts?.some((rate) => rate > 0) ? settings.random.below(2 ** 31) : 0,
      step: 0,
    }));
  }

  /**
   * One step of one head's optimizer for every member.
   * @param x [K, T, B, I], or [1, T, B, I] where all members read the same
   * @param labels [K, B, classes] or [1, B, classes], one-hot
   * @param rateOf the learning rate in this step of a member whose `learningRate` is given
   * @returns [K], the loss before the step, which the caller disposes
   */
  step(
    head: number,
    x: tf.Tensor4D,
    labels: tf.Tensor3D,
    rateOf?: (learningRate: number) => number,
  ): tf.Tensor1D {
    return this.stepInParts(head, x.shape[2], [{ x, labels, first: 0 }], rateOf);
  }

  /**
   * The same step with a batch that comes in parts, one after the other: it takes the memory of a part, and gives what
   * the whole batch gives but for rounding, for no layer looks at other rows of a batch.
   * @param batchSize rows of all parts together
   */
  stepInParts(
    head: number,
    batchSize: number,
    parts: Iterable<BatchPart>,
    rateOf: (learningRate: number) => number = (rate) => rate,
  ): tf.Tensor1D {
    const dropping = this.members.map(({ settings, maskSeed, step }) => ({
      seed: maskSeed,
      rates: settings.dropouts ?? [],
      step,
    }));
    for (const member of this.members) member.step += 1;
    let sum: PartOfStep | undefined;
    try {
      for (const part of parts) {
        const next = this.partOfStep(head, batchSize, part, dropping);
        sum = sum ? added(sum, next) : next;
      }
      if (!sum) throw new Error('a batch has at least one part');
      const rates = this.members.map(({ settings }) => rateOf(settings.learningRate));
      this.optimizers[head]!.apply(this.weights, sum.gradients, rates, this.options);
      return sum.loss;
    } catch (error) {
      tf.dispose(sum?.loss);
      throw error;
    } finally {
      tf.dispose(sum?.gradients);
    }
  }

  private partOfStep(
    head: number,
    batchSize: number,
    { x, labels, first }: BatchPart,
    dropping: readonly DropoutMember[],
  ): PartOfStep {
    const { weights } = this;
    const isWhole = x.shape[2] === batchSize;
    const dropout = dropoutOf(dropping, isWhole ? undefined : { first, of: batchSize });
    return tf.tidy(() => {
      const losses: tf.Tensor1D[] = [];
      const { grads } = freeingTape((keep) =>
        tf.variableGrads(() => {
          const entropy = this.entropy(head, x, labels, dropout, batchSize);
          // The penalty is of the batch, not of its parts.
          const loss = first === 0 ? this.withPenalty(entropy) : entropy;
          losses.push(keep(loss));
          return tf.sum<tf.Scalar>(loss);
        }, Object.values(weights)),
      );
      // A weight that this head's loss does not depend on has no gradient, and its optimizer leaves it alone.
      const gradients = Object.fromEntries(
        Object.entries(weights).flatMap(([name, weight]) => {
          const gradient = grads[weight.name];
          return gradient ? [[name, gradient]] : [];
        }),
      );
      return { loss: losses[0]!, gradients };
    });
  }

  /** @returns [K, B, classes]; shapes as for `step`. The caller disposes it. */
  logits(head: number, x: tf.Tensor4D): tf.Tensor3D {
    return tf.tidy(() => this.architecture.logits(this.weightOf, x, head, noDropout));
  }

  /** [K]: cross-entropy of these rows, as their part of the mean over the batch. */
  private entropy(
    head: number,
    x: tf.Tensor4D,
    labels: tf.Tensor3D,
    dropout: Dropout,
    batchSize: number,
  ): tf.Tensor1D {
    const logits = this.architecture.logits(this.weightOf, x, head, dropout);
    return tf.div<tf.Tensor1D>(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), [1, 2]), -batchSize);
  }

  /** [K]: with the squared weights times l2. */
  private withPenalty(entropy: tf.Tensor1D): tf.Tensor1D {
    const l2 = this.members.map(({ settings }) => settings.l2);
    if (l2.every((factor) => factor === 0)) return entropy;
    const squares = Object.entries(this.architecture.weights).flatMap(([name, { l2Factor = 0.5 }]) => {
      if (l2Factor === 0) return [];
      const sum = tf.sum(tf.square(tf.reshape(this.weightOf(name), [l2.length, -1])), 1);
      return [l2Factor === 1 ? sum : tf.mul(sum, l2Factor)];
    });
    return tf.add(entropy, tf.mul(tf.addN(squares), tf.tensor1d(l2)));
  }

  /** Only these members go on (positions in the pack so far, ascending). */
  keep(members: readonly number[]): void {
    for (const [name, variable] of Object.entries(this.weights))
      this.weights[name] = keepMembers(variable, members);
    for (const optimizer of this.optimizers) optimizer.keep(members);
    this.members = members.map((member) => this.members[member]!);
  }

  dispose(): void {
    for (const [name, variable] of Object.entries(this.weights)) {
      variable.dispose();
      delete this.weights[name];
    }
    for (const optimizer of this.optimizers) optimizer.dispose();
  }

  private readonly weightOf: WeightOf = <T extends tf.Tensor>(name: string): T => {
    const weight = this.weights[name];
    if (!weight) throw new Error(`the architecture has no weight ${name}`);
    return weight as tf.Tensor as T;
  };
}

/** The sum of the first parts of a step and of the next one, in their place. */
function added(a: PartOfStep, b: PartOfStep): PartOfStep {
  try {
    return tf.tidy(() => ({
      loss: tf.add<tf.Tensor1D>(a.loss, b.loss),
      gradients: Object.fromEntries(
        Object.entries(a.gradients).map(([name, gradient]) => {
          // The penalty, which only the first part has, is of weights of other heads, too.
          const more = b.gradients[name];
          return [name, more ? tf.add(gradient, more) : tf.clone(gradient)];
        }),
      ),
    }));
  } finally {
    tf.dispose([a.loss, b.loss, a.gradients, b.gradients]);
  }
}
