import * as tf from '../tfjs.js';
import { activeModule } from './active-module.js';
import { fusedDense } from './fused-dense.js';
import { describeShape } from './shapes.js';

export type Activation = 'linear' | 'relu';

export interface DenseOptions {
  /**
   * false where x is data, whose gradient nobody asks for: the fused kernel then takes it for a constant.
   * @default true
   */
  readonly inputGradient?: boolean;
}

/**
 * A dense layer at every step of a sequence, activation(x * kernel + bias), as one operation with gradients, stacked over
 * K independent models. All tensors are float32. `useKernels` chooses who computes it.
 *
 * @param x [K, T, B, I], or [1, T, B, I] where all models read the same
 * @param kernel [K, I, O]
 * @param bias [K, O]
 * @returns [K, T, B, O]
 * @throws Error where shapes do not fit together or a tensor is not float32
 */
export function denseOverTime(
  x: tf.Tensor4D,
  kernel: tf.Tensor,
  bias: tf.Tensor,
  activation: Activation,
  { inputGradient = true }: DenseOptions = {},
): tf.Tensor4D {
  check(x, kernel, bias);
  // On webgpu the operations are the backend's own: its matMul is good.
  if (!activeModule()) return referenceDense(x, kernel, bias, activation);
  return fusedDense(x, kernel, bias, activation === 'relu', inputGradient) as tf.Tensor4D;
}

function referenceDense(
  x: tf.Tensor4D,
  kernel: tf.Tensor,
  bias: tf.Tensor,
  activation: Activation,
): tf.Tensor4D {
  const [models, steps, batch, inputs] = x.shape;
  const flat = tf.reshape(x, [models, steps * batch, inputs]);
  // The gradient of a broadcast matMul has the wrong shape in TensorFlow.js 4.22, that of tile the right one.
  const own = models < kernel.shape[0] ? tf.tile(flat, [kernel.shape[0], 1, 1]) : flat;
  const sums = tf.add(tf.matMul(own, kernel), tf.expandDims(bias, 1));
  const activated = activation === 'relu' ? tf.relu(sums) : sums;
  return tf.reshape(activated, [kernel.shape[0], steps, batch, kernel.shape[2]!]);
}

function check(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): void {
  const complain = (name: string, wanted: string, { shape }: tf.Tensor): never => {
    throw new Error(`denseOverTime: ${name} must be ${wanted}; it is ${describeShape(shape)}`);
  };
  if (x.rank !== 4 || x.size === 0) complain('x', '[K, T, B, I] of at least one number', x);
  const [models, , , inputs] = x.shape as [number, number, number, number];
  const [stacked, rows, units] = kernel.shape as [number, number, number];
  if (kernel.rank !== 3 || rows !== inputs || units < 1) complain('kernel', `[K, ${inputs}, O]`, kernel);
  if (models !== 1 && models !== stacked) complain('x', `of 1 model or as many as kernel (${stacked})`, x);
  if (bias.rank !== 2 || bias.shape[0] !== stacked || bias.shape[1] !== units)
    complain('bias', describeShape([stacked, units]), bias);
  for (const [name, tensor] of Object.entries({ x, kernel, bias }))
    if (tensor.dtype !== 'float32')
      throw new Error(`denseOverTime: ${name} must be float32; it is ${tensor.dtype}`);
}
