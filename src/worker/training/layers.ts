import * as tf from './tfjs.js';

export { denseOverTime } from './kernels/dense.js';

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
