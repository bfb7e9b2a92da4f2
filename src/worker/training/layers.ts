import * as tf from './tfjs.js';

/**
 * x * kernel + bias for every member.
 * @param x [K, N, I] or [1, N, I]
 * @param kernel [K, I, O]
 * @param bias [K, O]
 * @returns [K, N, O]
 */
export function dense(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor): tf.Tensor3D {
  return tf.add<tf.Tensor3D>(tf.matMul(x, kernel), tf.expandDims(bias, 1));
}

/**
 * `dense` at every step of a sequence.
 * @param x [K, T, B, I] or [1, T, B, I]
 * @param kernel [K, I, O]
 * @param bias [K, O]
 * @returns [K, T, B, O]
 */
export function denseOverTime(
  x: tf.Tensor4D,
  kernel: tf.Tensor,
  bias: tf.Tensor,
  activation: 'linear' | 'relu',
): tf.Tensor4D {
  const [models, steps, batch, inputs] = x.shape;
  const flat = dense(tf.reshape(x, [models, steps * batch, inputs]), kernel, bias);
  const activated = activation === 'relu' ? tf.relu(flat) : flat;
  return tf.reshape(activated, [kernel.shape[0], steps, batch, kernel.shape[2]!]);
}
