import type { KernelConfig, NamedTensorMap, Tensor, TensorInfo } from '../tfjs.js';
import { backend, customGrad, engine, getKernel, registerKernel } from '../tfjs.js';
import { activeFor } from './active-module.js';
import type { CallOffsets, RecurrentAttributes } from './call.js';
import { CALL_BYTES, writeCall } from './call.js';
import type { RecurrentTensors } from './shapes.js';
import { sizesFrom } from './shapes.js';
import type { TensorMemory } from './tensor-memory.js';

/**
 * The compiled kernels as TensorFlow.js kernels of the backend `wasm`, in whose memory they work, and as one
 * differentiable operation made of them.
 */

const FORWARD = 'SweepyardRecurrent';
const BACKWARD = 'SweepyardRecurrentGradient';

/** Tells the backend `wasm` of the kernels. */
export function registerRecurrentKernels(): void {
  if (getKernel(FORWARD, 'wasm')) return;
  registerKernel({ kernelName: FORWARD, backendName: 'wasm', kernelFunc: forwardKernel });
  registerKernel({ kernelName: BACKWARD, backendName: 'wasm', kernelFunc: backwardKernel });
}

/**
 * The whole layer, with gradients for its weights and, with `inputGradient`, for x.
 * @returns [K, T, B, H], or [K, B, H] without `returnSequences`
 */
export function fusedRecurrent(
  { x, kernel, recurrentKernel, bias }: RecurrentTensors,
  attributes: RecurrentAttributes,
  inputGradient: boolean,
): Tensor {
  activeFor(backend());
  const tensors: Tensor[] = [x, kernel, recurrentKernel, bias];
  if (!engine().isTapeOn()) return runForward(tensors, attributes, false)[0]!;
  const differentiable = customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const [value, ...states] = runForward(tensors, attributes, true);
    save([...tensors, ...states]);
    return {
      value: value!,
      gradFunc: (dy: Tensor, saved: Tensor[]) => runBackward(dy, saved, attributes, inputGradient),
    };
  });
  return differentiable(...(inputGradient ? tensors : tensors.slice(1)));
}

/** @returns the result and, where they are kept, the states */
function runForward(tensors: Tensor[], attributes: RecurrentAttributes, keepStates: boolean): Tensor[] {
  return engine().runKernel(FORWARD, named(tensors), { ...attributes, keepStates });
}

/** @returns gradients of the weights, before them that of x where it is wanted */
function runBackward(
  dy: Tensor,
  saved: Tensor[],
  attributes: RecurrentAttributes,
  inputGradient: boolean,
): Tensor[] {
  return engine().runKernel(BACKWARD, { ...named(saved), dy }, { ...attributes, inputGradient });
}

function named([x, kernel, recurrentKernel, bias, states]: Tensor[]): NamedTensorMap {
  return { x, kernel, recurrentKernel, bias, ...(states && { states }) } as NamedTensorMap;
}

type Inputs = Readonly<Record<'x' | 'kernel' | 'recurrentKernel' | 'bias' | 'dy', TensorInfo>> & {
  readonly states?: TensorInfo;
};

const forwardKernel: KernelConfig['kernelFunc'] = ({ inputs, attrs, backend }) => {
  const layer = inputs as unknown as Inputs;
  const attributes = attrs as unknown as RecurrentAttributes & { readonly keepStates: boolean };
  const { module, memory, keepStatesBytes } = activeFor(backend);
  const { models, steps, batch, units } = sizesFrom(layer.x, layer.recurrentKernel);
  const shape = attributes.returnSequences ? [models, steps, batch, units] : [models, batch, units];
  return memory.makeTensors((make) => {
    const y = make(shape);
    const offsets = { ...offsetsOf(memory, layer), y: memory.offsetOf(y) };
    return withCall(memory, attributes, layer, offsets, (call, change) => {
      const bytes = module.savedBytes(call);
      const keep = attributes.keepStates && bytes <= keepStatesBytes;
      const states = keep ? make([bytes / 4]) : undefined;
      if (states) change({ saved: memory.offsetOf(states) });
      memory.withBytes(module.scratchBytes(call, false), (scratch) => {
        change({ scratch });
        module.forward(call);
      });
      return states ? [y, states] : [y];
    });
  });
};

const backwardKernel: KernelConfig['kernelFunc'] = ({ inputs, attrs, backend }) => {
  const layer = inputs as unknown as Inputs;
  const attributes = attrs as unknown as RecurrentAttributes & { readonly inputGradient: boolean };
  const { module, memory } = activeFor(backend);
  return memory.makeTensors((make) => {
    const dx = attributes.inputGradient ? [make(layer.x.shape)] : [];
    const dKernel = make(layer.kernel.shape);
    const dRecurrentKernel = make(layer.recurrentKernel.shape);
    const dBias = make(layer.bias.shape);
    const offsets = {
      ...offsetsOf(memory, layer),
      saved: layer.states ? memory.offsetOf(layer.states) : 0,
      dy: memory.offsetOf(layer.dy),
      dx: dx[0] ? memory.offsetOf(dx[0]) : 0,
      dKernel: memory.offsetOf(dKernel),
      dRecurrentKernel: memory.offsetOf(dRecurrentKernel),
      dBias: memory.offsetOf(dBias),
    };
    return withCall(memory, attributes, layer, offsets, (call, change) => {
      memory.withBytes(module.scratchBytes(call, true), (scratch) => {
        change({ scratch });
        module.backward(call);
      });
      return [...dx, dKernel, dRecurrentKernel, dBias];
    });
  });
};

function offsetsOf(memory: TensorMemory, { x, kernel, recurrentKernel, bias }: Inputs): CallOffsets {
  return {
    x: memory.offsetOf(x),
    kernel: memory.offsetOf(kernel),
    recurrentKernel: memory.offsetOf(recurrentKernel),
    bias: memory.offsetOf(bias),
  };
}

/** Hands `use` a call with these offsets, written to memory, and a function that changes some of them. */
function withCall<T>(
  memory: TensorMemory,
  attributes: RecurrentAttributes,
  { x, recurrentKernel }: Inputs,
  offsets: CallOffsets,
  use: (call: number, change: (offsets: Partial<CallOffsets>) => void) => T,
): T {
  const sizes = sizesFrom(x, recurrentKernel);
  return memory.withBytes(CALL_BYTES, (call) => {
    let current = offsets;
    const change = (changed: Partial<CallOffsets>): void => {
      current = { ...current, ...changed };
      writeCall(memory.bytes, call, attributes, sizes, current);
    };
    change({});
    return use(call, change);
  });
}
