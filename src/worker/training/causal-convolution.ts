import { denseOverTime } from './layers.js';
import * as tf from './tfjs.js';

/**
 * A convolution along time that looks back alone: the output at a step is made of that step and the `width` - 1 before
 * it, zeros before the first. Keras' Conv1D with padding `causal`. One product over shifted copies, for the backend
 * wasm has no gradient of convolutions.
 * @param x [K, T, B, I] or [1, T, B, I]; data, which gets no gradient
 * @param kernel [K, width * I, O], the earliest step first: Keras' [width, I, O] with its first two axes as one
 * @param bias [K, O]
 * @returns [K, T, B, O]
 */
export function causalConvolution(
  x: tf.Tensor4D,
  kernel: tf.Tensor,
  bias: tf.Tensor,
  activation: 'linear' | 'relu',
): tf.Tensor4D {
  const [models, steps, batch, inputs] = x.shape;
  const width = kernel.shape[1]! / inputs;
  const padded = tf.pad(x, [
    [0, 0],
    [width - 1, 0],
    [0, 0],
    [0, 0],
  ]);
  const shifted = Array.from({ length: width }, (_, offset) =>
    tf.slice(padded, [0, offset, 0, 0], [models, steps, batch, inputs]),
  );
  const seen = width === 1 ? x : tf.concat(shifted, 3);
  return denseOverTime(seen, kernel, bias, activation, { inputGradient: false });
}
