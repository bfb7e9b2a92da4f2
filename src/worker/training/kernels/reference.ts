import * as tf from '../tfjs.js';
import type { Tensor, Tensor3D } from '../tfjs.js';
import type { GruOptions, LstmOptions, RecurrentOptions } from './options.js';
import type { RecurrentSizes, RecurrentTensors } from './shapes.js';

/**
 * Recurrent layers written in plain TensorFlow.js operations, one step after the other, with TensorFlow.js' own
 * gradients: what the fused kernels must equal, and what trains on a backend that has no fused kernel.
 */

/** See `lstm` in recurrent.ts. */
export function referenceLstm(
  tensors: RecurrentTensors,
  sizes: RecurrentSizes,
  options: LstmOptions,
): Tensor {
  return tf.tidy(() => {
    const { models, batch, units } = sizes;
    const [inputs] = inputProducts(tensors, sizes, tf.expandDims(tensors.bias, 1), [4 * units], options);
    let h: Tensor3D = tf.zeros([models, batch, units]);
    let c: Tensor3D = h;
    const outputs: Tensor3D[] = [];
    for (const fromInput of inputs!) {
      const gates = tf.add(fromInput, tf.matMul(h, tensors.recurrentKernel));
      const [i, f, g, o] = tf.split(gates, 4, 2) as [Tensor3D, Tensor3D, Tensor3D, Tensor3D];
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
      outputs.push(h);
    }
    return options.returnSequences ? stacked(outputs, options.reverse) : h;
  });
}

/** See `gru` in recurrent.ts. */
export function referenceGru(tensors: RecurrentTensors, sizes: RecurrentSizes, options: GruOptions): Tensor {
  return tf.tidy(() => {
    const { models, batch, units } = sizes;
    const activate = options.activation === 'relu' ? tf.relu : tf.tanh;
    const biases =
      options.form === 'reset-after' ? tf.split(tensors.bias, 2, 1) : [tf.expandDims(tensors.bias, 1)];
    const widths = [2 * units, units];
    const [gateInputs, candidateInputs] = inputProducts(tensors, sizes, biases[0]!, widths, options);
    const [gateKernel, candidateKernel] = tf.split(tensors.recurrentKernel, widths, 2);
    const [gateBias, candidateBias] = biases[1] ? tf.split(biases[1], widths, 2) : [];
    let h: Tensor3D = tf.zeros([models, batch, units]);
    const outputs: Tensor3D[] = [];
    for (const [step, candidateInput] of candidateInputs!.entries()) {
      let gates: Tensor = tf.add(gateInputs![step]!, tf.matMul(h, gateKernel!));
      if (gateBias) gates = tf.add(gates, gateBias);
      const [z, r] = tf.split(tf.sigmoid(gates), 2, 2) as [Tensor3D, Tensor3D];
      const fromState = candidateBias
        ? tf.mul(r, tf.add(tf.matMul(h, candidateKernel!), candidateBias))
        : tf.matMul(tf.mul(r, h), candidateKernel!);
      const candidate = activate(tf.add<Tensor3D>(candidateInput, fromState));
      h = tf.add(candidate, tf.mul(z, tf.sub(h, candidate)));
      outputs.push(h);
    }
    return options.returnSequences ? stacked(outputs, options.reverse) : h;
  });
}

/** States in the order of reading as [K, T, B, H] in the order of x. */
function stacked(states: Tensor3D[], reverse = false): Tensor {
  return tf.stack(reverse ? states.toReversed() : states, 1);
}

/**
 * x * kernel + bias for all steps in one product.
 * @param widths how to cut the last axis
 * @returns for each width its steps in the order of reading, each [K, B, width]
 */
function inputProducts(
  { x, kernel }: RecurrentTensors,
  { inputModels, models, steps, batch, inputs }: RecurrentSizes,
  bias: Tensor,
  widths: number[],
  { reverse }: RecurrentOptions,
): Tensor3D[][] {
  const flat = tf.reshape(x, [inputModels, steps * batch, inputs]);
  // The gradient of a broadcast matMul has the wrong shape in TensorFlow.js 4.22, that of tile the right one.
  const own = inputModels < models ? tf.tile(flat, [models, 1, 1]) : flat;
  const products = tf.add(tf.matMul(own, kernel), bias);
  // Splitting or unstacking into a single part has a gradient that fails.
  const parts = widths.length > 1 ? tf.split(products, widths, 2) : [products];
  return parts.map((part, index) => {
    const width = widths[index]!;
    if (steps === 1) return [tf.reshape(part, [models, batch, width])];
    const ordered = tf.unstack(tf.reshape(part, [models, steps, batch, width]), 1) as Tensor3D[];
    // A copy: the list itself belongs to TensorFlow.js, which needs it for the gradient.
    return reverse ? ordered.toReversed() : ordered;
  });
}
