import {
  optimizerConstants,
  type ConstantName,
  type Constants,
  type OptimizerName,
} from '../../sweep/har/optimizers.js';
import { clipGradients, clippedValues, type ClippingOptions } from './clipping.js';
import { activeMemory } from './kernels/active-module.js';
import type { TensorMemory } from './kernels/tensor-memory.js';
import { optimizerRules, type MemberStep, type Rule } from './optimizer-rules.js';
import * as tf from './tfjs.js';
import { keepMembers } from './weights.js';

/** Running values beside each weight ("slots"), by the name of the weight, each shaped as the weight, [K, ...]. */
export type Slots = Map<string, tf.Variable>;

/** @param constants one a member; what is left out is as usual for this optimizer */
export function createOptimizer(name: OptimizerName, constants: readonly Constants[]): Optimizer {
  const usual: Constants = optimizerConstants[name];
  return new Optimizer(
    optimizerRules[name],
    constants.map((given) => ({ ...usual, ...given })),
  );
}

/**
 * Changes the stacked weights of a pack by their gradients; every member has its own constants, learning rate and count
 * of steps. Slots are kept for the weights that were ever given a gradient, so one optimizer a head can share all
 * weights with another's.
 */
export class Optimizer {
  /** By the name of the slot. Members' values lie along the first axis. */
  readonly slots: Readonly<Record<string, Slots>>;
  /** Steps that each member has taken. */
  steps: readonly number[];
  private constants: readonly Constants[];

  constructor(
    private readonly rule: Rule,
    constants: readonly Constants[],
  ) {
    this.constants = constants;
    this.steps = constants.map(() => 0);
    this.slots = Object.fromEntries(Object.keys(rule.slots).map((name) => [name, new Map()]));
  }

  /**
   * @param gradients by the name of the weight, each shaped as the weight, [K, ...]
   * @param rates learning rates of this step, one a member
   * @param clipping limits on the gradients before they are used
   */
  apply(
    weights: Readonly<Record<string, tf.Variable>>,
    gradients: Readonly<Record<string, tf.Tensor>>,
    rates: readonly number[],
    clipping: ClippingOptions = {},
  ): void {
    this.steps = this.steps.map((step) => step + 1);
    const members = this.steps.map((step, member) => ({
      rate: rates[member]!,
      step,
      constant: (name: ConstantName) => this.constants[member]![name]!,
    }));
    const memory = activeMemory();
    if (memory) this.applyValues(memory, weights, gradients, members, clipping);
    else tf.tidy(() => this.applyOperations(weights, clipGradients(gradients, clipping), members));
  }

  /**
   * Slots change where they lie, for nothing else holds them. New weights go into new tensors: a clone shares its values,
   * and a backend may go on with what it prepared from a tensor for as long as that lives.
   */
  private applyValues(
    memory: TensorMemory,
    weights: Readonly<Record<string, tf.Variable>>,
    gradients: Readonly<Record<string, tf.Tensor>>,
    members: readonly MemberStep[],
    clipping: ClippingOptions,
  ): void {
    const changes = Object.entries(gradients).map(([name, gradient]) => {
      const weight = weights[name]!;
      const slots = Object.keys(this.rule.slots).map((slot) => this.slot(slot, name, weight));
      return { weight, gradient, slots, changed: new Float32Array(weight.size) };
    });
    // From here to the end of the loop nothing is allocated in the backend's memory, so that no values move.
    const values = changes.map(({ gradient }) => memory.valuesOf(gradient));
    const clipped = clippedValues(values, members.length, clipping);
    changes.forEach(({ weight, slots, changed }, index) => {
      const own = memory.valuesOf(weight);
      const ofSlots = slots.map((slot) => memory.valuesOf(slot));
      const size = own.length / members.length;
      members.forEach((member, position) => {
        const part = (all: Float32Array): Float32Array =>
          all.subarray(position * size, (position + 1) * size);
        this.rule.updateValues({
          weight: part(own),
          gradient: part(clipped[index]!),
          slots: ofSlots.map(part),
          changed: part(changed),
          member,
        });
      });
    });
    tf.tidy(() => {
      for (const { weight, changed } of changes) weight.assign(tf.tensor(changed, weight.shape));
    });
  }

  private applyOperations(
    weights: Readonly<Record<string, tf.Variable>>,
    gradients: Readonly<Record<string, tf.Tensor>>,
    members: readonly MemberStep[],
  ): void {
    // Small tensors that many weights need, by what computes them and by rank.
    const made = new Map<unknown, Map<number, tf.Tensor>>();
    const vector = (of: (member: MemberStep) => number, rank: number): tf.Tensor => {
      const ranks = made.get(of) ?? new Map<number, tf.Tensor>();
      made.set(of, ranks);
      const known = ranks.get(rank);
      if (known) return known;
      const shape = [members.length, ...new Array<number>(rank - 1).fill(1)];
      const tensor = tf.tensor(members.map(of), shape);
      ranks.set(rank, tensor);
      return tensor;
    };
    for (const [name, gradient] of Object.entries(gradients)) {
      const weight = weights[name]!;
      const change = this.rule.update({
        weight,
        gradient,
        slot: (slot) => this.slot(slot, name, weight),
        number: (of) => vector(of, weight.rank),
      });
      weight.assign(change);
    }
  }

  /** Only these members go on (positions in the pack so far, ascending). */
  keep(members: readonly number[]): void {
    this.constants = members.map((member) => this.constants[member]!);
    this.steps = members.map((member) => this.steps[member]!);
    for (const slots of Object.values(this.slots))
      for (const [name, variable] of slots) slots.set(name, keepMembers(variable, members));
  }

  dispose(): void {
    for (const slots of Object.values(this.slots)) {
      for (const variable of slots.values()) variable.dispose();
      slots.clear();
    }
  }

  /** The slot of a weight, made when the weight is first changed. Not trainable. */
  private slot(slot: string, name: string, like: tf.Tensor): tf.Variable {
    const slots = this.slots[slot]!;
    let variable = slots.get(name);
    if (!variable) {
      const first = tf.fill(like.shape, this.rule.slots[slot]!);
      variable = tf.variable(first, false);
      first.dispose();
      slots.set(name, variable);
    }
    return variable;
  }
}
