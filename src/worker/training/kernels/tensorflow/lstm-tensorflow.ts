import * as tf from '../../tfjs.js';
import type { KernelConfig, NamedTensorMap, Tensor, Tensor2D, Tensor3D, TensorInfo } from '../../tfjs.js';
import type { RecurrentAttributes } from '../call.js';
import { sizesFrom, type RecurrentSizes, type RecurrentTensors } from '../shapes.js';

/**
 * The part of tfjs-node's backend that is used: operations of TensorFlow by name. The package is optional, so its types
 * are not imported.
 */
interface TensorFlowBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_FLOAT: number;
    readonly TF_INT32: number;
    readonly TF_INT64: number;
  };
  executeMultipleOutputs(
    name: string,
    attributes: Attribute[],
    inputs: TensorInfo[],
    outputs: number,
  ): TensorInfo[];
}
interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean;
}

/** An operation of TensorFlow as a kernel of TensorFlow.js: its inputs by position. */
const kernelName = 'SweepyardTensorFlowOperation';

interface Operation {
  readonly name: string;
  readonly outputs: number;
  attributes(binding: TensorFlowBackend['binding']): Attribute[];
}

const operationKernel: KernelConfig['kernelFunc'] = ({ inputs, attrs, backend }) => {
  const { operation, count } = attrs as unknown as { operation: Operation; count: number };
  const { binding } = backend as unknown as TensorFlowBackend;
  const ordered = Array.from({ length: count }, (_, index) => inputs[`input${index}`] as TensorInfo);
  return (backend as unknown as TensorFlowBackend).executeMultipleOutputs(
    operation.name,
    operation.attributes(binding),
    ordered,
    operation.outputs,
  );
};

function run(operation: Operation, inputs: readonly Tensor[]): Tensor[] {
  if (!tf.getKernel(kernelName, 'tensorflow'))
    tf.registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc: operationKernel });
  const named: NamedTensorMap = Object.fromEntries(inputs.map((tensor, index) => [`input${index}`, tensor]));
  const attributes = { operation: operation as unknown as string, count: inputs.length };
  return tf.engine().runKernel(kernelName, named, attributes);
}

const float = ({ TF_ATTR_TYPE, TF_FLOAT }: TensorFlowBackend['binding']): Attribute => ({
  name: 'T',
  type: TF_ATTR_TYPE,
  value: TF_FLOAT,
});
const withoutPeephole = ({ TF_ATTR_BOOL }: TensorFlowBackend['binding']): Attribute => ({
  name: 'use_peephole',
  type: TF_ATTR_BOOL,
  value: false,
});

/** TensorFlow's whole-sequence LSTM; its gates are in our order i, f, g, o. Outputs i, cs, f, o, ci, co, h. */
const blockLstm: Operation = {
  name: 'BlockLSTMV2',
  outputs: 7,
  attributes: (binding) => [float(binding), withoutPeephole(binding)],
};
/** Gradients of x, cs_prev, h_prev, w, wci, wcf, wco, b. */
const blockLstmGradient: Operation = {
  name: 'BlockLSTMGradV2',
  outputs: 8,
  attributes: (binding) => [float(binding), withoutPeephole(binding)],
};
const toInt64: Operation = {
  name: 'Cast',
  outputs: 1,
  attributes: ({ TF_ATTR_TYPE, TF_ATTR_BOOL, TF_INT32, TF_INT64 }) => [
    { name: 'SrcT', type: TF_ATTR_TYPE, value: TF_INT32 },
    { name: 'DstT', type: TF_ATTR_TYPE, value: TF_INT64 },
    { name: 'Truncate', type: TF_ATTR_BOOL, value: false },
  ],
};

/** Lengths of sequences as TensorFlow wants them, in 64 bits. There are few in the life of a process. */
const lengths = new Map<number, Tensor>();

function lengthOf(steps: number): Tensor {
  const known = lengths.get(steps);
  if (known) return known;
  const { warn } = console;
  // That such a tensor can't be read; nobody does.
  console.warn = () => undefined;
  try {
    const length = tf.tidy(() => tf.keep(run(toInt64, [tf.scalar(steps, 'int32')])[0]!));
    lengths.set(steps, length);
    return length;
  } finally {
    console.warn = warn;
  }
}

/**
 * A whole LSTM layer on the backend `tensorflow`, model by model, with gradients for its weights and, with
 * `inputGradient`, for x.
 * @returns [K, T, B, H], or [K, B, H] without `returnSequences`
 */
export function tensorflowLstm(
  { x, kernel, recurrentKernel, bias }: RecurrentTensors,
  attributes: RecurrentAttributes,
  inputGradient: boolean,
): Tensor {
  const sizes = sizesFrom(x, recurrentKernel);
  const length = lengthOf(sizes.steps);
  const tensors: Tensor[] = [x, kernel, recurrentKernel, bias];
  const differentiable = tf.customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const inputs = modelsOf(tensors, sizes, attributes, length);
    const outputs = inputs.map((model) => run(blockLstm, model));
    save([...tensors, ...outputs.flat()]);
    return {
      value: result(
        outputs.map((output) => output.at(-1) as Tensor3D),
        sizes,
        attributes,
      ),
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        backward(dy, saved, sizes, attributes, length).slice(inputGradient ? 0 : 1),
    };
  });
  return differentiable(...(inputGradient ? tensors : tensors.slice(1)));
}

/** For each model the inputs of `blockLstm`: length, x, cs_prev, h_prev, w, wci, wcf, wco, b. */
function modelsOf(
  [x, kernel, recurrentKernel, bias]: Tensor[],
  { models, inputModels, batch, units }: RecurrentSizes,
  { reverse }: RecurrentAttributes,
  length: Tensor,
): Tensor[][] {
  const sequences = tf.unstack(reverse ? tf.reverse(x!, 1) : x!) as Tensor3D[];
  const weights = tf.unstack(tf.concat([kernel!, recurrentKernel!], 1));
  const biases = tf.unstack(bias!);
  const state = tf.zeros([batch, units]);
  const peephole = tf.zeros([units]);
  return Array.from({ length: models }, (_, model) => {
    const own = sequences[inputModels === 1 ? 0 : model]!;
    return [length, own, state, state, weights[model]!, peephole, peephole, peephole, biases[model]!];
  });
}

function result(
  sequences: readonly Tensor3D[],
  { steps, batch, units }: RecurrentSizes,
  { returnSequences, reverse }: RecurrentAttributes,
): Tensor {
  if (returnSequences) return tf.stack(sequences.map((h) => (reverse ? tf.reverse(h, 0) : h)));
  const last = sequences.map((h) =>
    tf.reshape(tf.slice(h, [steps - 1, 0, 0], [1, batch, units]), [batch, units]),
  );
  return tf.stack(last);
}

/** @returns gradients of x, kernel, recurrentKernel and bias */
function backward(
  dy: Tensor,
  saved: Tensor[],
  sizes: RecurrentSizes,
  attributes: RecurrentAttributes,
  length: Tensor,
): Tensor[] {
  const { steps, batch, inputs, units, inputModels } = sizes;
  const { returnSequences, reverse } = attributes;
  const noGradient = tf.zeros([steps, batch, units]);
  const perModel = modelsOf(saved.slice(0, 4), sizes, attributes, length).map((model, index) => {
    const outputs = saved.slice(4 + index * blockLstm.outputs, 4 + (index + 1) * blockLstm.outputs);
    const own = tf.squeeze(tf.slice(dy, [index], [1]), [0]);
    const dh = returnSequences
      ? reverse
        ? tf.reverse(own, 0)
        : own
      : tf.concat([tf.zeros([steps - 1, batch, units]), tf.expandDims(own, 0)], 0);
    const [dx, , , dw, , , , db] = run(blockLstmGradient, [...model, ...outputs, noGradient, dh]);
    const weights = dw as Tensor2D;
    return {
      dx: reverse ? tf.reverse(dx!, 0) : dx!,
      dKernel: tf.slice(weights, [0, 0], [inputs, 4 * units]),
      dRecurrent: tf.slice(weights, [inputs, 0], [units, 4 * units]),
      db: db!,
    };
  });
  const stack = (name: keyof (typeof perModel)[number]): Tensor =>
    tf.stack(perModel.map((model) => model[name]));
  const dx = inputModels < perModel.length ? tf.sum(stack('dx'), 0, true) : stack('dx');
  return [dx, stack('dKernel'), stack('dRecurrent'), stack('db')];
}
