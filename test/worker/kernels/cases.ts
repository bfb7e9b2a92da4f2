import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import * as tf from '../../../src/worker/training/tfjs.js';
import { gru, lstm } from '../../../src/worker/training/kernels/recurrent.js';
import type { Layer, Values } from './double-reference.js';
import { doubleLayer, sizesOfLayer } from './double-reference.js';

/** A layer of several stacked models. */
export interface Case extends Layer {
  readonly models: number;
  /** All models read the same x. */
  readonly sharedInput: boolean;
  readonly inputGradient: boolean;
  readonly seed: number;
}

export const cells = ['lstm', 'reset-before', 'reset-after'] as const;

/** Shapes on both sides of every width of vector, of tile and of block. */
export function cases(limits: { units: number; inputs: number; batch: number; steps: number }) {
  return fc.record<Case>({
    cell: fc.constantFrom(...cells),
    relu: fc.boolean(),
    returnSequences: fc.boolean(),
    reverse: fc.boolean(),
    steps: fc.integer({ min: 1, max: limits.steps }),
    batch: fc.integer({ min: 1, max: limits.batch }),
    inputs: fc.integer({ min: 1, max: limits.inputs }),
    units: fc.integer({ min: 1, max: limits.units }),
    models: fc.integer({ min: 1, max: 3 }),
    sharedInput: fc.boolean(),
    inputGradient: fc.boolean(),
    seed: fc.nat(),
  });
}

/** Single precision, so that both sides compute with the very same numbers. */
export function numbers(count: number, scale: number, random: () => number): Float64Array {
  return Float64Array.from({ length: count }, () => Math.fround((2 * random() - 1) * scale));
}

export function randomFrom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

export interface Outcome {
  readonly y: ArrayLike<number>;
  readonly x?: ArrayLike<number>;
  readonly kernel: ArrayLike<number>;
  readonly recurrentKernel: ArrayLike<number>;
  readonly bias: ArrayLike<number>;
}

export interface Problem {
  readonly models: readonly Values[];
  readonly dy: readonly Float64Array[];
}

export function problemOf(layer: Case): Problem {
  const random = randomFrom(layer.seed);
  const sizes = sizesOfLayer(layer);
  const scale = 1.5 / Math.sqrt(layer.units + layer.inputs);
  const shared = numbers(sizes.x, 1.5, random);
  const models = Array.from({ length: layer.models }, () => ({
    x: layer.sharedInput ? shared : numbers(sizes.x, 1.5, random),
    kernel: numbers(sizes.kernel, scale, random),
    recurrentKernel: numbers(sizes.recurrentKernel, scale, random),
    bias: numbers(sizes.bias, 1, random),
  }));
  return { models, dy: models.map(() => numbers(sizes.y, 1, random)) };
}

/** What double precision says. */
export function expected(layer: Case, { models, dy }: Problem): Outcome {
  const parts = models.map((values, model) => doubleLayer(layer, values, dy[model]));
  const all = (name: keyof Outcome): number[] => parts.flatMap((part) => [...part[name]]);
  const x = layer.sharedInput
    ? parts.map((part) => part.x).reduce((sum, part) => sum.map((value, i) => value + part[i]!))
    : all('x');
  return {
    y: all('y'),
    ...(layer.inputGradient && { x }),
    kernel: all('kernel'),
    recurrentKernel: all('recurrentKernel'),
    bias: all('bias'),
  };
}

/** What the kernels in use say. Leaves no tensor behind. */
export function computed(layer: Case, problem: Problem): Outcome {
  return tf.tidy(() => {
    const [x, kernel, recurrentKernel, bias] = tensorsOf(layer, problem);
    const dy = tf.tensor1d(problem.dy.flatMap((part) => [...part]));
    const run = (...args: tf.Tensor[]): tf.Tensor => apply(layer, args as LayerTensors);
    const loss = (y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(tf.reshape(y, [-1]), dy));
    const y = run(x, kernel, recurrentKernel, bias).dataSync();
    const weights = [kernel, recurrentKernel, bias];
    if (!layer.inputGradient) {
      const [dKernel, dRecurrent, dBias] = tf.grads((...args) => loss(run(x, ...args)))(weights);
      return outcome(y, undefined, dKernel!, dRecurrent!, dBias!);
    }
    const [dx, dKernel, dRecurrent, dBias] = tf.grads((...args) => loss(run(...args)))([x, ...weights]);
    return outcome(y, dx, dKernel!, dRecurrent!, dBias!);
  }) as unknown as Outcome;
}

function outcome(
  y: ArrayLike<number>,
  x: tf.Tensor | undefined,
  ...[kernel, recurrentKernel, bias]: [tf.Tensor, tf.Tensor, tf.Tensor]
): tf.TensorContainer {
  const read = (tensor: tf.Tensor): ArrayLike<number> => tensor.dataSync();
  return {
    y,
    ...(x && { x: read(x) }),
    kernel: read(kernel),
    recurrentKernel: read(recurrentKernel),
    bias: read(bias),
  } as unknown as tf.TensorContainer;
}

export type LayerTensors = [tf.Tensor4D, tf.Tensor3D, tf.Tensor3D, tf.Tensor2D | tf.Tensor3D];

export function tensorsOf(layer: Case, { models }: Problem): LayerTensors {
  const { cell, steps, batch, inputs, units, sharedInput } = layer;
  const width = (cell === 'lstm' ? 4 : 3) * units;
  const stack = (name: keyof Values, shape: number[]): tf.Tensor => {
    const parts = name === 'x' && sharedInput ? models.slice(0, 1) : models;
    return tf.tensor(
      parts.flatMap((values) => [...values[name]]),
      [parts.length, ...shape],
    );
  };
  return [
    stack('x', [steps, batch, inputs]),
    stack('kernel', [inputs, width]),
    stack('recurrentKernel', [units, width]),
    stack('bias', cell === 'reset-after' ? [2, width] : [width]),
  ] as LayerTensors;
}

export function apply(layer: Case, [x, kernel, recurrentKernel, bias]: LayerTensors): tf.Tensor {
  const { cell, returnSequences, reverse = false, inputGradient } = layer;
  const options = { returnSequences, reverse, inputGradient };
  if (cell === 'lstm') return lstm(x, kernel, recurrentKernel, bias as tf.Tensor2D, options);
  const activation = layer.relu ? 'relu' : 'tanh';
  return gru(x, kernel, recurrentKernel, bias, { ...options, form: cell, activation });
}

/** |a - b| / |b| of each part, Euclidean; parts that are (nearly) zero are measured absolutely. */
export function errors(actual: object, wanted: object): Record<string, number> {
  return Object.fromEntries(
    Object.entries(wanted).map(([name, values]: [string, ArrayLike<number>]) => {
      const got = (actual as Readonly<Record<string, ArrayLike<number>>>)[name]!;
      let difference = 0;
      let size = 0;
      for (let i = 0; i < values.length; i++) {
        difference += (got[i]! - values[i]!) ** 2;
        size += values[i]! ** 2;
      }
      return [name, Math.sqrt(difference) / Math.max(Math.sqrt(size), 1e-3)];
    }),
  );
}
