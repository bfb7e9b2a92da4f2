import { backend } from '../tfjs.js';
import type { KernelModule } from './kernel-module.js';
import type { TensorMemory } from './tensor-memory.js';

/** The compiled kernels that this thread uses. */
export interface ActiveModule {
  readonly module: KernelModule;
  /** The backend in whose memory the module works. */
  readonly owner: object;
  readonly memory: TensorMemory;
  /** See `KernelOptions`. */
  readonly keepStatesBytes: number;
}

let active: ActiveModule | undefined;

/** Makes the kernels use this module with the backend that is set now, whose memory this is. */
export function activate(module: KernelModule, memory: TensorMemory, keepStatesBytes: number): void {
  active = { module, owner: backend(), memory, keepStatesBytes };
}

/** From now on nothing compiled is used. */
export function deactivate(): void {
  active = undefined;
}

export function activeModule(): KernelModule | undefined {
  return active?.module;
}

/** The memory in which compiled kernels work; undefined where none are used with the backend that is set now. */
export function activeMemory(): TensorMemory | undefined {
  return active?.owner === backend() ? active?.memory : undefined;
}

/** @throws Error where another backend was set since the kernels were chosen */
export function activeFor(owner: unknown): ActiveModule {
  if (active?.owner !== owner)
    throw new Error(
      'the TensorFlow.js backend was changed after the kernels were chosen: call useKernels again',
    );
  return active as ActiveModule;
}
