import { readFile } from 'node:fs/promises';
import { CALL_VERSION } from './call.js';
import type { KernelModule } from './kernel-module.js';
import type { TensorMemory } from './tensor-memory.js';
import { WebAssembly } from './web-assembly.js';

interface Exports {
  readonly __stack_pointer: { value: number };
  version(): number;
  saved_bytes(call: number): number;
  scratch_bytes(call: number, backward: number): number;
  forward(memory: number, call: number): void;
  backward(memory: number, call: number): void;
  dense_scratch_bytes(call: number, backward: number): number;
  dense_forward(memory: number, call: number): void;
  dense_backward(memory: number, call: number): void;
}

const STACK_BYTES = 65_536;

/** Compiles `recurrent.wasm` (made by scripts/build-kernels.sh) to work inside the tensors' memory. */
export async function loadWasmModule(memory: TensorMemory): Promise<KernelModule> {
  const file = new URL('./recurrent.wasm', import.meta.url);
  const { instance } = await WebAssembly.instantiate(await readFile(file), {
    env: { memory: memory.memory },
  });
  const exports = instance.exports as Exports;
  if (exports.version() !== CALL_VERSION)
    throw new Error(
      `recurrent.wasm is of version ${exports.version()}, this program of ${CALL_VERSION}: run scripts/build-kernels.sh`,
    );
  // The module has no data of its own; its stack must not lie where the linker puts it, in the backend's data.
  exports.__stack_pointer.value = memory.allocate(STACK_BYTES) + STACK_BYTES;
  return {
    kernels: 'wasm',
    description: 'WebAssembly SIMD',
    savedBytes: (call) => exports.saved_bytes(call),
    scratchBytes: (call, backward) => exports.scratch_bytes(call, Number(backward)),
    forward: (call) => exports.forward(0, call),
    backward: (call) => exports.backward(0, call),
    denseScratchBytes: (call, backward) => exports.dense_scratch_bytes(call, Number(backward)),
    denseForward: (call) => exports.dense_forward(0, call),
    denseBackward: (call) => exports.dense_backward(0, call),
  };
}
