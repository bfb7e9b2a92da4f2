import * as tf from '../../tfjs.js';
import type { Tensor, Tensor3D, Tensor4D } from '../../tfjs.js';
import { Cell, type RecurrentAttributes } from '../call.js';
import { sizesFrom, type RecurrentSizes, type RecurrentTensors } from '../shapes.js';
import { runShader, workgroupLimits } from './program.js';
import { backwardShader, forwardShader, gateGradients } from './shaders.js';

/** The plane of the states that holds h. */
const stateOf = { [Cell.Lstm]: 5, [Cell.GruResetBefore]: 3, [Cell.GruResetAfter]: 3 } as const;

/**
 * A whole recurrent layer on the backend `webgpu`, with gradients for its weights and, with `inputGradient`, for x: one
 * shader for the sequence forward and one backward, the products that need no sequence by TensorFlow.js.
 * @returns [K, T, B, H], or [K, B, H] without `returnSequences`
 */
export function webgpuRecurrent(
  { x, kernel, recurrentKernel, bias }: RecurrentTensors,
  attributes: RecurrentAttributes,
  inputGradient: boolean,
): Tensor {
  const sizes = sizesFrom(x, recurrentKernel);
  const tensors: Tensor[] = [x, kernel, recurrentKernel, bias];
  const differentiable = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const states = forward(tensors, sizes, attributes);
    save([...tensors, states]);
    return {
      value: result(states, sizes, attributes),
      gradFunc: (dy: Tensor, saved: Tensor[]) => backward(dy, saved, sizes, attributes, inputGradient),
    };
  });
  return differentiable(...(inputGradient ? tensors : tensors.slice(1)));
}

function forward(
  [x, kernel, recurrentKernel, bias]: Tensor[],
  sizes: RecurrentSizes,
  attributes: RecurrentAttributes,
): Tensor {
  const { models, steps, batch } = sizes;
  const [inputBias, recurrentBias] = biasesOf(bias!, attributes);
  const products = tf.add(tf.matMul(rowsOf(x!, sizes), kernel!), inputBias!);
  const xw = tf.reshape(products, [models, steps, batch, kernel!.shape[2]!]);
  const shader = forwardShader(sizes, attributes, workgroupLimits());
  return runShader(shader, recurrentBias ? [xw, recurrentKernel!, recurrentBias] : [xw, recurrentKernel!]);
}

/** @returns the input's bias [K, 1, G H], and for GRU reset-after that of the recurrent product [K, 3H] */
function biasesOf(bias: Tensor, { cell }: RecurrentAttributes): Tensor[] {
  if (cell !== Cell.GruResetAfter) return [tf.expandDims(bias, 1)];
  const [input, recurrent] = tf.split(bias, 2, 1);
  return [input!, tf.squeeze(recurrent!, [1])];
}

/** x as rows [K, T B, I], repeated where all models read the same. */
function rowsOf(x: Tensor, { models, inputModels, steps, batch, inputs }: RecurrentSizes): Tensor3D {
  const rows = tf.reshape<tf.Rank.R3>(x, [inputModels, steps * batch, inputs]);
  return inputModels < models ? tf.tile(rows, [models, 1, 1]) : rows;
}

function planeOf(states: Tensor, plane: number, { models, steps, batch, units }: RecurrentSizes): Tensor4D {
  return tf.slice(states as Tensor4D, [plane * models, 0, 0, 0], [models, steps, batch, units]);
}

function result(
  states: Tensor,
  sizes: RecurrentSizes,
  { cell, returnSequences, reverse }: RecurrentAttributes,
): Tensor {
  const { models, steps, batch, units } = sizes;
  const plane = stateOf[cell] * models;
  if (returnSequences) return planeOf(states, stateOf[cell], sizes);
  const last = reverse ? 0 : steps - 1;
  const h = tf.slice(states as Tensor4D, [plane, last, 0, 0], [models, 1, batch, units]);
  return tf.squeeze(h, [1]);
}

/** @returns gradients of the weights, before them that of x where it is wanted */
function backward(
  dy: Tensor,
  [x, kernel, recurrentKernel, bias, states]: Tensor[],
  sizes: RecurrentSizes,
  attributes: RecurrentAttributes,
  inputGradient: boolean,
): Tensor[] {
  const { models, steps, batch, units } = sizes;
  const { cell } = attributes;
  const transposed = tf.transpose(recurrentKernel!, [0, 2, 1]);
  const shader = backwardShader(sizes, attributes, workgroupLimits());
  const gates = tf.reshape<tf.Rank.R3>(runShader(shader, [dy, states!, transposed]), [
    models,
    steps * batch,
    gateGradients[cell] * units,
  ]);
  const columns = (first: number, count: number): Tensor3D =>
    tf.slice(gates, [0, 0, first * units], [models, steps * batch, count * units]);
  const h = before(planeOf(states!, stateOf[cell], sizes), sizes, attributes);
  const transposeA = true;
  if (cell === Cell.Lstm) {
    const dRecurrentKernel = tf.matMul(h, gates, transposeA);
    return [...ofInput(x!, kernel!, gates, sizes, inputGradient), dRecurrentKernel, tf.sum(gates, 1)];
  }
  const input = cell === Cell.GruResetBefore ? gates : columns(0, 3);
  const dInput = ofInput(x!, kernel!, input, sizes, inputGradient);
  if (cell === Cell.GruResetBefore) {
    const r = tf.reshape<tf.Rank.R3>(planeOf(states!, 1, sizes), h.shape);
    const dGates = tf.matMul(h, columns(0, 2), transposeA);
    const dCandidate = tf.matMul(tf.mul<Tensor3D>(r, h), columns(2, 1), transposeA);
    return [...dInput, tf.concat([dGates, dCandidate], 2), tf.sum(input, 1)];
  }
  const recurrent = tf.concat([columns(0, 2), columns(3, 1)], 2);
  const dBias = tf.stack([tf.sum(input, 1), tf.sum(recurrent, 1)], 1);
  return [...dInput, tf.matMul(h, recurrent, transposeA), tf.reshape(dBias, bias!.shape)];
}

/** Gradients of x, where it is wanted, and of the kernel. */
function ofInput(
  x: Tensor,
  kernel: Tensor,
  gates: Tensor3D,
  sizes: RecurrentSizes,
  inputGradient: boolean,
): Tensor[] {
  const { inputModels, models } = sizes;
  const dKernel = tf.matMul(rowsOf(x, sizes), gates, true);
  if (!inputGradient) return [dKernel];
  const dRows = tf.matMul(gates, kernel, false, true);
  const own = inputModels < models ? tf.sum(dRows, 0, true) : dRows;
  return [tf.reshape(own, x.shape), dKernel];
}

/** h as each step found it: moved on by one step, zero for the first. Rows [K, T B, H]. */
function before(
  h: Tensor4D,
  { models, steps, batch, units }: RecurrentSizes,
  { reverse }: RecurrentAttributes,
): Tensor3D {
  const shape: [number, number, number] = [models, steps * batch, units];
  const first = tf.zeros([models, 1, batch, units]);
  if (steps === 1) return tf.reshape(first, shape);
  const from = reverse ? 1 : 0;
  const others = tf.slice(h, [0, from, 0, 0], [models, steps - 1, batch, units]);
  return tf.reshape(tf.concat(reverse ? [others, first] : [first, others], 1), shape);
}
