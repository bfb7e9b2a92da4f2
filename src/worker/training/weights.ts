import type { Random } from '../../sweep/random.js';
import * as tf from './tfjs.js';

/** Draws the first values of one weight of one model. */
export type Initializer = (size: number, random: Random) => Float32Array;

/** A trainable weight of one model; a pack stacks those of its members along a new first axis. */
export interface WeightSpec {
  readonly shape: readonly number[];
  readonly initial: Initializer;
  /**
   * The sum of its squares, times this, times the member's `l2`, is added to the loss. Keras' l2 has 1.
   * @default 0.5, as TensorFlow's l2_loss has it
   */
  readonly l2Factor?: number;
}

export type WeightSpecs = Readonly<Record<string, WeightSpec>>;

/** A weight of a pack by its name, [K, ...shape]. */
export type WeightOf = <T extends tf.Tensor = tf.Tensor>(name: string) => T;

export const constant =
  (value: number): Initializer =>
  (size) =>
    new Float32Array(size).fill(value);

export const normal =
  (mean: number, deviation: number): Initializer =>
  (size, random) =>
    Float32Array.from({ length: size }, () => mean + deviation * random.normal());

/** Glorot and Bengio 2010, uniform: limit sqrt(6 / (fanIn + fanOut)). What TensorFlow 1 takes where nothing is said. */
export const glorotUniform =
  (fanIn: number, fanOut: number): Initializer =>
  (size, random) => {
    const limit = Math.sqrt(6 / (fanIn + fanOut));
    return Float32Array.from({ length: size }, () => limit * (2 * random.next() - 1));
  };

/**
 * A random matrix of `rows` by any larger number of columns whose rows are orthogonal and of length 1 (Saxe et al.
 * 2014), as Keras draws recurrent kernels: rows of normal numbers, orthogonalised one after the other.
 */
export const orthogonalRows =
  (rows: number): Initializer =>
  (size, random) => {
    const width = size / rows;
    const matrix = Float64Array.from({ length: size }, () => random.normal());
    const rowOf = (row: number): Float64Array => matrix.subarray(row * width, (row + 1) * width);
    for (let row = 0; row < rows; row++) {
      const own = rowOf(row);
      // The second time takes away what rounding left.
      for (let time = 0; time < 2; time++)
        for (let other = 0; other < row; other++) subtractProjection(own, rowOf(other));
      const length = Math.sqrt(dot(own, own));
      for (let i = 0; i < width; i++) own[i]! /= length;
    }
    return Float32Array.from(matrix);
  };

function subtractProjection(from: Float64Array, unit: Float64Array): void {
  const share = dot(from, unit);
  for (let i = 0; i < from.length; i++) from[i]! -= share * unit[i]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Columns of a matrix that are drawn apart, as where one product holds the kernels of several gates.
 * @param parts width of each part, and how it is drawn
 */
export const columns =
  (...parts: readonly (readonly [width: number, initial: Initializer])[]): Initializer =>
  (size, random) => {
    const total = parts.reduce((sum, [width]) => sum + width, 0);
    const rows = size / total;
    const values = new Float32Array(size);
    let left = 0;
    for (const [width, initial] of parts) {
      const part = initial(rows * width, random);
      for (let row = 0; row < rows; row++)
        values.set(part.subarray(row * width, (row + 1) * width), row * total + left);
      left += width;
    }
    return values;
  };

/** Numbers of one model's weight. */
export function sizeOf(spec: WeightSpec): number {
  return spec.shape.reduce((product, length) => product * length, 1);
}

/** Trainable parameters of one model. */
export function countParameters(specs: WeightSpecs): number {
  return Object.values(specs).reduce((sum, spec) => sum + sizeOf(spec), 0);
}

/**
 * The first weights of a pack: each member's come from its own random numbers, in the order of the specs, so that a
 * trial starts alike alone and packed. The caller disposes them.
 */
export function createWeights(specs: WeightSpecs, randoms: readonly Random[]): Record<string, tf.Variable> {
  const values = Object.entries(specs).map(([name, spec]) => ({
    name,
    shape: [randoms.length, ...spec.shape],
    size: sizeOf(spec),
    stacked: new Float32Array(randoms.length * sizeOf(spec)),
    initial: spec.initial,
  }));
  randoms.forEach((random, member) => {
    for (const { stacked, size, initial } of values) stacked.set(initial(size, random), member * size);
  });
  const weights: Record<string, tf.Variable> = {};
  try {
    for (const { name, shape, stacked } of values) {
      const first = tf.tensor(stacked, shape, 'float32');
      weights[name] = tf.variable(first);
      first.dispose();
    }
    return weights;
  } catch (error) {
    tf.dispose(weights);
    throw error;
  }
}

/** The rows `members` of a stacked variable as a new one; the old one is disposed. */
export function keepMembers(variable: tf.Variable, members: readonly number[]): tf.Variable {
  return tf.tidy(() => {
    const kept = tf.variable(tf.gather(variable, tf.tensor1d([...members], 'int32')), variable.trainable);
    variable.dispose();
    return tf.keep(kept);
  });
}
