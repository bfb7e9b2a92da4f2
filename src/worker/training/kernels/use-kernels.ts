import { getBackend } from '../tfjs.js';
import { messageOf } from '../../../support/errors.js';
import { activate, deactivate } from './active-module.js';
import { registerDenseKernels } from './fused-dense.js';
import { registerRecurrentKernels } from './fused.js';
import type { KernelChoice, Kernels } from './kernel-choice.js';
import type { KernelModule } from './kernel-module.js';
import type { NativeInstructions } from './native-module.js';
import { loadNativeModule } from './native-module.js';
import { TensorMemory } from './tensor-memory.js';
import type { WasmInstructions } from './wasm-module.js';
import { loadWasmModule } from './wasm-module.js';

export interface KernelOptions {
  /**
   * Up to this many bytes a layer keeps the states of its sequence for the backward pass; above, that pass computes
   * them again, a few samples at a time, in next to no memory.
   * @default 160 MiB for `wasm`, which is a quarter faster so; 0 for `native`, which computes as fast as it reads
   */
  readonly keepStatesBytes?: number;
  /**
   * The widest instructions that `native` uses, where results must not depend on the processor.
   * @default the widest that the processor has
   */
  readonly nativeInstructions?: NativeInstructions;
  /**
   * Likewise for `wasm`.
   * @default the best that the runtime has
   */
  readonly wasmInstructions?: WasmInstructions;
}

/** Backends on which recurrent layers are computed by what the backend itself offers. */
const ownKernels: Readonly<
  Record<string, { readonly kernels: Kernels; readonly reason: string } | undefined>
> = {
  webgpu: { kernels: 'webgpu', reason: 'WGSL' },
  tensorflow: { kernels: 'tensorflow', reason: 'BlockLSTM; GRU operation by operation' },
};

let current: Kernels = 'reference';

/** What `useKernels` chose last in this thread. */
export function kernelsInUse(): Kernels {
  return current;
}

/**
 * Chooses the implementation of `lstm`, `gru` and `denseOverTime` for this thread and for the TensorFlow.js backend that
 * is set now: call it after `tf.setBackend`, and again after changing the backend. `native` and `wasm` work in the memory of the
 * backend `wasm` and need it.
 * @param choice `auto` takes the fastest that works here
 * @returns what was chosen, and why, for people
 * @throws Error where `choice` names one that does not work here; the text says why not
 */
export async function useKernels(
  choice: KernelChoice,
  { keepStatesBytes, nativeInstructions, wasmInstructions }: KernelOptions = {},
): Promise<{ kernels: Kernels; reason: string }> {
  current = 'reference';
  deactivate();
  if (choice === 'reference') return { kernels: current, reason: 'as asked' };
  const own = ownKernels[getBackend()];
  if (own && choice === 'auto') {
    current = own.kernels;
    return own;
  }
  const memory = TensorMemory.ofCurrentBackend();
  if (!memory) {
    const reason = `compiled kernels work with the backend wasm, not ${getBackend()}`;
    if (choice === 'auto') return { kernels: current, reason };
    throw new Error(`kernels ${choice}: ${reason}`);
  }
  const failures: string[] = [];
  for (const kernels of choice === 'auto' ? (['native', 'wasm'] as const) : [choice]) {
    let module: KernelModule;
    try {
      module =
        kernels === 'native'
          ? loadNativeModule(memory, nativeInstructions)
          : await loadWasmModule(memory, wasmInstructions);
    } catch (error) {
      failures.push(`kernels ${kernels}: ${messageOf(error)}`);
      continue;
    }
    activate(module, memory, keepStatesBytes ?? (kernels === 'native' ? 0 : 160 * 2 ** 20));
    registerRecurrentKernels();
    registerDenseKernels();
    current = kernels;
    return { kernels, reason: [module.description, ...failures].join('; ') };
  }
  if (choice !== 'auto') throw new Error(failures.join('; '));
  return { kernels: current, reason: failures.join('; ') };
}
