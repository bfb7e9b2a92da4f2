import type { KernelConfig, Tensor, TensorInfo } from '../../tfjs.js';
import { backend, engine, getKernel, registerKernel, util } from '../../tfjs.js';

/**
 * What tfjs-backend-webgpu takes for a program (its `WebGPUProgram`), as far as ours use it. That package is optional,
 * so its types are not imported.
 */
interface WebGpuProgram {
  readonly outputShape: number[];
  readonly variableNames: string[];
  readonly dispatchLayout: { readonly x: number[] };
  readonly workgroupSize: [number, number, number];
  /** tfjs-backend-webgpu replaces both. */
  dispatch: [number, number, number];
  shaderKey: string;
  getUserCode(): string;
}

/** The part of its backend that is used. */
interface WebGpuBackend {
  readonly device: {
    readonly limits: {
      readonly maxComputeInvocationsPerWorkgroup: number;
      readonly maxComputeWorkgroupSizeX: number;
      readonly maxComputeWorkgroupStorageSize: number;
    };
  };
  runWebGPUProgram(program: WebGpuProgram, inputs: TensorInfo[], dtype: 'float32'): TensorInfo;
}

/** A compute shader of ours. */
export interface Shader {
  /** Different for every text. */
  readonly key: string;
  /** WGSL with `fn main(index : i32)`, which finds its workgroup by `workgroupNumber()`. */
  readonly code: string;
  /** Names of the inputs in the shader, arrays of f32. */
  readonly inputs: readonly string[];
  /** Of the output, which the shader knows as `result`. */
  readonly outputShape: number[];
  readonly workgroups: number;
  /** Threads of a workgroup. */
  readonly threads: number;
}

const kernelName = 'SweepyardShader';

/** What one workgroup may have on the device of the backend that is set. */
export function workgroupLimits(): { readonly threads: number; readonly bytes: number } {
  const { limits } = (backend() as unknown as WebGpuBackend).device;
  return {
    threads: Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX),
    bytes: limits.maxComputeWorkgroupStorageSize,
  };
}

/** Runs a shader on the backend `webgpu`. Not differentiable by itself. */
export function runShader(shader: Shader, inputs: readonly Tensor[]): Tensor {
  if (!getKernel(kernelName, 'webgpu'))
    registerKernel({ kernelName, backendName: 'webgpu', kernelFunc: shaderKernel });
  const named = Object.fromEntries(inputs.map((tensor, index) => [shader.inputs[index]!, tensor]));
  return engine().runKernel(kernelName, named, { shader: shader as unknown as string });
}

const shaderKernel: KernelConfig['kernelFunc'] = ({ inputs, attrs, backend: owner }) => {
  const shader = (attrs as unknown as { readonly shader: Shader }).shader;
  const program: WebGpuProgram = {
    outputShape: shader.outputShape,
    variableNames: [...shader.inputs],
    dispatchLayout: { x: shader.outputShape.map((_, axis) => axis) },
    dispatch: [shader.workgroups, 1, 1],
    workgroupSize: [shader.threads, 1, 1],
    shaderKey: shader.key,
    getUserCode: () => `${workgroupNumber}\n${shader.code}`,
  };
  const tensors = shader.inputs.map((name) => inputs[name] as TensorInfo);
  util.assert(tensors.every(Boolean), () => `shader ${shader.key}: an input is missing`);
  return (owner as unknown as WebGpuBackend).runWebGPUProgram(program, tensors, 'float32');
};

/** Where there are more workgroups than one dimension may have, the backend spreads them over two or three. */
const workgroupNumber = `
fn workgroupNumber() -> u32 {
  return (workgroupId.z * numWorkgroups.y + workgroupId.y) * numWorkgroups.x + workgroupId.x;
}`;
