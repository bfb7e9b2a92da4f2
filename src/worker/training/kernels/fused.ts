import type { KernelConfig, Tensor, TensorInfo } from '../tfjs.js';
import { backend, customGrad, engine, getKernel, registerKernel } from '../tfjs.js';
import type { CallOffsets, RecurrentAttributes } from './call.js';
import { CALL_BYTES, writeCall } from './call.js';
import type { KernelModule } from './kernel-module.js';
import type { RecurrentTensors } from './shapes.js';
import { sizesFrom } from './shapes.js';
import { TensorMemory } from './tensor-memory.js';

/**
 * The compiled kernels as TensorFlow.js kernels of the backend `wasm`, in whose memory they work, and as one
 * differentiable operation made of them.
 */

const FORWARD = 'SweepyardRecurrent';
const BACKWARD = 'SweepyardRecurrentGradient';

/**
 * Up to this many bytes an operation keeps the states of its sequence for the backward pass; above, that pass computes
 * them again, block by block, which takes about a fifth longer and no memory.
 */
const MOST_SAVED_BYTES = 160 * 2 ** 20;

/** Registered once, then pointed at whatever module was chosen last. */
let active: { readonly module: KernelModule; readonly owner: object } | undefined;

/** Makes `fusedRecurrent` use this module with the backend that is set now. */
export function activateFused(module: KernelModule): void {
  active = { module, owner: backend() };
  if (getKernel(FORWARD, 'wasm')) return;
  registerKernel({ kernelName: FORWARD, backendName: 'wasm', kernelFunc: forwardKernel });
  registerKernel({ kernelName: BACKWARD, backendName: 'wasm', kernelFunc: backwardKernel });
}

/**
 * The whole layer, with gradients for its four tensors (for three where `x` is a constant).
 * @returns [K, T, B, H], or [K, B, H] without `returnSequences`
 */
export function fusedRecurrent(
  { x, kernel, recurrentKernel, bias }: RecurrentTensors,
  attributes: RecurrentAttributes,
  inputGradient: boolean,
): Tensor {
  if (!engine().isTapeOn()) return runForward({ x, kernel, recurrentKernel, bias }, attributes, false)[0]!;
  const forward = (input: Tensor, weights: Tensor[], save: (tensors: Tensor[]) => void): Tensor => {
    const [kernel, recurrentKernel, bias] = weights as [Tensor, Tensor, Tensor];
    const [value, ...states] = runForward({ x: input, kernel, recurrentKernel, bias }, attributes, true);
    save([input, kernel, recurrentKernel, bias, ...states]);
    return value!;
  };
  if (inputGradient)
    return customGrad((input, ...rest) => {
      const save = rest.pop() as unknown as (tensors: Tensor[]) => void;
      return {
        value: forward(input as Tensor, rest as Tensor[], save),
        gradFunc: (dy: Tensor, saved: Tensor[]) => runBackward(dy, saved, attributes, true),
      };
    })(x, kernel, recurrentKernel, bias);
  return customGrad((...rest) => {
    const save = rest.pop() as unknown as (tensors: Tensor[]) => void;
    return {
      value: forward(x, rest as Tensor[], save),
      gradFunc: (dy: Tensor, saved: Tensor[]) => runBackward(dy, saved, attributes, false),
    };
  })(kernel, recurrentKernel, bias);
}

type Inputs = Record<'x' | 'kernel' | 'recurrentKernel' | 'bias', Tensor>;

/** @returns the result and, where they are kept, the states */
function runForward(inputs: Inputs, attributes: RecurrentAttributes, keepStates: boolean): Tensor[] {
  return engine().runKernel(FORWARD, inputs, { ...attributes, keepStates });
}

/** @returns gradients of the weights, before them that of x where it is wanted */
function runBackward(
  dy: Tensor,
  [x, kernel, recurrentKernel, bias, states]: Tensor[],
  attributes: RecurrentAttributes,
  inputGradient: boolean,
): Tensor[] {
  const inputs = { dy, x, kernel, recurrentKernel, bias, ...(states && { states }) };
  return engine().runKernel(BACKWARD, inputs as Record<string, Tensor>, { ...attributes, inputGradient });
}

const forwardKernel: KernelConfig['kernelFunc'] = ({ inputs, attrs, backend }) => {
  const { x, kernel, recurrentKernel, bias } = inputs as Record<keyof Inputs, TensorInfo>;
  const attributes = attrs as unknown as RecurrentAttributes & { readonly keepStates: boolean };
  const { module, memory } = activeFor(backend);
  const sizes = sizesFrom(x, recurrentKernel);
  const { models, steps, batch, units } = sizes;
  const y = memory.makeTensor(
    attributes.returnSequences ? [models, steps, batch, units] : [models, batch, units],
  );
  const offsets: CallOffsets = {
    ...weightOffsets(memory, x, kernel, recurrentKernel, bias),
    y: memory.offsetOf(y),
  };
  return memory.withBytes(CALL_BYTES, (call) => {
    writeCall(memory.bytes, call, attributes, sizes, offsets);
    const savedBytes = attributes.keepStates ? module.savedBytes(call) : Infinity;
    const states = savedBytes <= MOST_SAVED_BYTES ? memory.makeTensor([savedBytes / 4]) : undefined;
    const kept: CallOffsets = states ? { ...offsets, saved: memory.offsetOf(states) } : offsets;
    writeCall(memory.bytes, call, attributes, sizes, kept);
    memory.withBytes(module.scratchBytes(call, false), (scratch) => {
      writeCall(memory.bytes, call, attributes, sizes, { ...kept, scratch });
      module.forward(call);
    });
    return states ? [y, states] : [y];
  });
};

const backwardKernel: KernelConfig['kernelFunc'] = ({ inputs, attrs, backend }) => {
  const { x, kernel, recurrentKernel, bias, dy } = inputs as Record<keyof Inputs | 'dy', TensorInfo>;
  const attributes = attrs as unknown as RecurrentAttributes & { readonly inputGradient: boolean };
  const { module, memory } = activeFor(backend);
  const sizes = sizesFrom(x, recurrentKernel);
  const dx = attributes.inputGradient ? memory.makeTensor(x.shape) : undefined;
  const [dKernel, dRecurrentKernel, dBias] = [kernel, recurrentKernel, bias].map(({ shape }) =>
    memory.makeTensor(shape),
  ) as [TensorInfo, TensorInfo, TensorInfo];
  const offsets: CallOffsets = {
    ...weightOffsets(memory, x, kernel, recurrentKernel, bias),
    saved: inputs['states'] ? memory.offsetOf(inputs['states']) : 0,
    dy: memory.offsetOf(dy),
    dx: dx ? memory.offsetOf(dx) : 0,
    dKernel: memory.offsetOf(dKernel),
    dRecurrentKernel: memory.offsetOf(dRecurrentKernel),
    dBias: memory.offsetOf(dBias),
  };
  memory.withBytes(CALL_BYTES, (call) => {
    writeCall(memory.bytes, call, attributes, sizes, offsets);
    memory.withBytes(module.scratchBytes(call, true), (scratch) => {
      writeCall(memory.bytes, call, attributes, sizes, { ...offsets, scratch });
      module.backward(call);
    });
  });
  return [...(dx ? [dx] : []), dKernel, dRecurrentKernel, dBias];
};

function activeFor(owner: unknown): { module: KernelModule; memory: TensorMemory } {
  const memory = active?.owner === owner ? TensorMemory.of(active!.owner) : undefined;
  if (!active || !memory) throw new Error('the backend has changed: call useKernels again');
  return { module: active.module, memory };
}

function weightOffsets(
  memory: TensorMemory,
  x: TensorInfo,
  kernel: TensorInfo,
  recurrentKernel: TensorInfo,
  bias: TensorInfo,
): CallOffsets {
  return {
    x: memory.offsetOf(x),
    kernel: memory.offsetOf(kernel),
    recurrentKernel: memory.offsetOf(recurrentKernel),
    bias: memory.offsetOf(bias),
  };
}
