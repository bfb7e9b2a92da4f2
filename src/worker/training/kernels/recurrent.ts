import type { Tensor, Tensor2D, Tensor3D, Tensor4D } from '../tfjs.js';
import { Cell, type RecurrentAttributes } from './call.js';
import { fusedRecurrent } from './fused.js';
import type { GruOptions, LstmOptions, RecurrentOptions } from './options.js';
import { referenceGru, referenceLstm } from './reference.js';
import { sizesOf, type RecurrentTensors } from './shapes.js';
import { kernelsInUse } from './use-kernels.js';
import { tensorflowLstm } from './tensorflow/lstm-tensorflow.js';
import { webgpuRecurrent } from './webgpu/recurrent-webgpu.js';

export type { KernelChoice, Kernels } from './kernel-choice.js';
export { useKernels } from './use-kernels.js';
export type { KernelOptions } from './use-kernels.js';
export type { GruOptions, LstmOptions } from './options.js';

/**
 * Whole recurrent layers as one operation each, with gradients for all four tensors, stacked over K independent
 * models. All tensors are float32. The initial state is zero.
 *
 * Which implementation computes them is chosen by `useKernels`; until then `reference` does.
 */

/**
 * A layer of long short-term memory (Hochreiter and Schmidhuber 1997; with forget gate, Gers et al. 2000) over a
 * whole sequence. For each model, with [i f g o] = x_t * kernel + h_(t-1) * recurrentKernel + bias:
 *
 *     c_t = sigmoid(f) * c_(t-1) + sigmoid(i) * tanh(g)
 *     h_t = sigmoid(o) * tanh(c_t)
 *
 * The forget bias is whatever `bias` says.
 *
 * @param x [K, T, B, I] (time-major), or [1, T, B, I] where all models read the same
 * @param kernel [K, I, 4H], columns in the order i, f, g, o
 * @param recurrentKernel [K, H, 4H], same order
 * @param bias [K, 4H], same order
 * @returns [K, T, B, H] with `returnSequences`, else h of the last step [K, B, H]
 * @throws Error where shapes do not fit together or a tensor is not float32
 */
export function lstm(
  x: Tensor4D,
  kernel: Tensor3D,
  recurrentKernel: Tensor3D,
  bias: Tensor2D,
  options: LstmOptions & { readonly returnSequences: true },
): Tensor4D;
export function lstm(
  x: Tensor4D,
  kernel: Tensor3D,
  recurrentKernel: Tensor3D,
  bias: Tensor2D,
  options: LstmOptions & { readonly returnSequences: false },
): Tensor3D;
export function lstm(
  x: Tensor4D,
  kernel: Tensor3D,
  recurrentKernel: Tensor3D,
  bias: Tensor2D,
  options: LstmOptions,
): Tensor3D | Tensor4D;
export function lstm(
  x: Tensor4D,
  kernel: Tensor3D,
  recurrentKernel: Tensor3D,
  bias: Tensor2D,
  options: LstmOptions,
): Tensor3D | Tensor4D {
  const tensors = { x, kernel, recurrentKernel, bias };
  const sizes = sizesOf('lstm', tensors, 4, 1);
  if (kernelsInUse() === 'reference') return referenceLstm(tensors, sizes, options) as Tensor3D | Tensor4D;
  const attributes = { cell: Cell.Lstm, relu: false, ...readingOf(options) };
  return wholeSequence(tensors, attributes, options) as Tensor3D | Tensor4D;
}

/**
 * A layer of gated recurrent units (Cho et al. 2014) over a whole sequence. For each model, with `kernel`,
 * `recurrentKernel` and `bias` cut into z, r, c (update, reset, candidate; the order of Keras):
 *
 *     z = sigmoid(x_t Wz + h_(t-1) Uz + bz)
 *     r = sigmoid(x_t Wr + h_(t-1) Ur + br)
 *     reset-before:  c = activation(x_t Wc + (r * h_(t-1)) Uc + bc)              (TensorFlow 1's GRUCell)
 *     reset-after:   c = activation(x_t Wc + bc + r * (h_(t-1) Uc + bc'))        (Keras with reset_after=True)
 *     h_t = z * h_(t-1) + (1 - z) * c
 *
 * In the form `reset-after` z and r, too, have a recurrent bias, added to theirs.
 *
 * @param x [K, T, B, I] (time-major), or [1, T, B, I] where all models read the same
 * @param kernel [K, I, 3H], columns in the order z, r, c
 * @param recurrentKernel [K, H, 3H], same order
 * @param bias [K, 3H] for `reset-before`; [K, 2, 3H] (input bias, recurrent bias) for `reset-after`
 * @returns [K, T, B, H] with `returnSequences`, else h of the last step [K, B, H]
 * @throws Error where shapes do not fit together or a tensor is not float32
 */
export function gru(
  x: Tensor4D,
  kernel: Tensor3D,
  recurrentKernel: Tensor3D,
  bias: Tensor2D | Tensor3D,
  options: GruOptions & { readonly returnSequences: true },
): Tensor4D;
export function gru(
  x: Tensor4D,
  kernel: Tensor3D,
  recurrentKernel: Tensor3D,
  bias: Tensor2D | Tensor3D,
  options: GruOptions & { readonly returnSequences: false },
): Tensor3D;
export function gru(
  x: Tensor4D,
  kernel: Tensor3D,
  recurrentKernel: Tensor3D,
  bias: Tensor2D | Tensor3D,
  options: GruOptions,
): Tensor3D | Tensor4D;
export function gru(
  x: Tensor4D,
  kernel: Tensor3D,
  recurrentKernel: Tensor3D,
  bias: Tensor2D | Tensor3D,
  options: GruOptions,
): Tensor3D | Tensor4D {
  const tensors = { x, kernel, recurrentKernel, bias };
  const sizes = sizesOf('gru', tensors, 3, options.form === 'reset-after' ? 2 : 1);
  // TensorFlow has no GRU of a whole sequence.
  if (kernelsInUse() === 'reference' || kernelsInUse() === 'tensorflow')
    return referenceGru(tensors, sizes, options) as Tensor3D | Tensor4D;
  const attributes = {
    cell: options.form === 'reset-after' ? Cell.GruResetAfter : Cell.GruResetBefore,
    relu: options.activation === 'relu',
    ...readingOf(options),
  };
  return wholeSequence(tensors, attributes, options) as Tensor3D | Tensor4D;
}

function readingOf({
  returnSequences,
  reverse = false,
}: RecurrentOptions): Pick<RecurrentAttributes, 'returnSequences' | 'reverse'> {
  return { returnSequences, reverse };
}

/** By whatever computes a whole sequence as one operation. */
function wholeSequence(
  tensors: RecurrentTensors,
  attributes: RecurrentAttributes,
  { inputGradient = true }: RecurrentOptions,
): Tensor {
  const compute = { webgpu: webgpuRecurrent, tensorflow: tensorflowLstm }[kernelsInUse() as string];
  return (compute ?? fusedRecurrent)(tensors, attributes, inputGradient);
}
