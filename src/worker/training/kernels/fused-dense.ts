import type { KernelConfig, NamedTensorMap, Tensor, TensorInfo } from '../tfjs.js';
import { backend, customGrad, engine, getKernel, registerKernel } from '../tfjs.js';
import { activeFor } from './active-module.js';
import type { DenseOffsets, DenseSizes } from './call.js';
import { DENSE_CALL_BYTES, writeDenseCall } from './call.js';
import type { KernelModule } from './kernel-module.js';
import type { TensorMemory } from './tensor-memory.js';

/** The compiled dense kernel as TensorFlow.js kernels of the backend `wasm`, and as one differentiable operation. */

const FORWARD = 'SweepyardDense';
const BACKWARD = 'SweepyardDenseGradient';

/** Tells the backend `wasm` of the kernels. */
export function registerDenseKernels(): void {
  if (getKernel(FORWARD, 'wasm')) return;
  registerKernel({ kernelName: FORWARD, backendName: 'wasm', kernelFunc: forwardKernel });
  registerKernel({ kernelName: BACKWARD, backendName: 'wasm', kernelFunc: backwardKernel });
}

interface Attributes {
  readonly relu: boolean;
  readonly inputGradient: boolean;
}

/**
 * activation(x * kernel + bias), with gradients for kernel and bias and, with `inputGradient`, for x.
 * @param x [K, ..., I] or [1, ..., I]
 * @param kernel [K, I, O]
 * @param bias [K, O]
 * @returns [K, ..., O]
 */
export function fusedDense(
  x: Tensor,
  kernel: Tensor,
  bias: Tensor,
  relu: boolean,
  inputGradient: boolean,
): Tensor {
  activeFor(backend());
  const attributes: Attributes & Record<string, boolean> = { relu, inputGradient };
  const forward = (): Tensor => engine().runKernel(FORWARD, { x, kernel, bias }, attributes);
  if (!engine().isTapeOn()) return forward();
  const differentiable = customGrad((...args) => {
    const save = args.at(-1) as unknown as (tensors: Tensor[]) => void;
    const value = forward();
    save([x, kernel, bias, value]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [x, kernel, bias, y] = saved;
      return engine().runKernel(BACKWARD, { x, kernel, bias, y, dy } as NamedTensorMap, attributes);
    };
    return { value, gradFunc };
  });
  return differentiable(...(inputGradient ? [x, kernel, bias] : [kernel, bias]));
}

type Inputs = Readonly<Record<'x' | 'kernel' | 'bias' | 'y' | 'dy', TensorInfo>>;

const forwardKernel: KernelConfig['kernelFunc'] = ({ inputs, attrs, backend }) => {
  const { x, kernel, bias } = inputs as unknown as Inputs;
  const { relu } = attrs as unknown as Attributes;
  const { module, memory } = activeFor(backend);
  const sizes = sizesOf(x, kernel);
  return memory.makeTensors((make) => {
    const y = make([sizes.models, ...x.shape.slice(1, -1), sizes.units]);
    call(module, memory, false, relu, sizes, offsetsOf(memory, { x, kernel, bias, y }));
    return y;
  });
};

const backwardKernel: KernelConfig['kernelFunc'] = ({ inputs, attrs, backend }) => {
  const { x, kernel, bias, y, dy } = inputs as unknown as Inputs;
  const { relu, inputGradient } = attrs as unknown as Attributes;
  const { module, memory } = activeFor(backend);
  return memory.makeTensors((make) => {
    const dx = inputGradient ? [make(x.shape)] : [];
    const dKernel = make(kernel.shape);
    const dBias = make(bias.shape);
    call(module, memory, true, relu, sizesOf(x, kernel), {
      ...offsetsOf(memory, { x, kernel, bias, y }),
      dy: memory.offsetOf(dy),
      dx: dx[0] ? memory.offsetOf(dx[0]) : 0,
      dKernel: memory.offsetOf(dKernel),
      dBias: memory.offsetOf(dBias),
    });
    return [...dx, dKernel, dBias];
  });
};

function sizesOf(x: TensorInfo, kernel: TensorInfo): DenseSizes {
  const [models, inputs, units] = kernel.shape as [number, number, number];
  const rows = x.shape.slice(1, -1).reduce((product, size) => product * size, 1);
  return { models, inputModels: x.shape[0]!, rows, inputs, units };
}

function offsetsOf(
  memory: TensorMemory,
  { x, kernel, bias, y }: Pick<Inputs, 'x' | 'kernel' | 'bias' | 'y'>,
): DenseOffsets {
  return {
    x: memory.offsetOf(x),
    kernel: memory.offsetOf(kernel),
    bias: memory.offsetOf(bias),
    y: memory.offsetOf(y),
  };
}

function call(
  module: KernelModule,
  memory: TensorMemory,
  backward: boolean,
  relu: boolean,
  sizes: DenseSizes,
  offsets: DenseOffsets,
): void {
  memory.withBytes(DENSE_CALL_BYTES, (at) => {
    writeDenseCall(memory.bytes, at, relu, sizes, offsets);
    memory.withBytes(module.denseScratchBytes(at, backward), (scratch) => {
      writeDenseCall(memory.bytes, at, relu, sizes, { ...offsets, scratch });
      if (backward) module.denseBackward(at);
      else module.denseForward(at);
    });
  });
}
