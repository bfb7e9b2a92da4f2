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

/** What scripts/build-kernels.sh makes, best first. Relaxed SIMD multiplies and adds in one instruction. */
const products = {
  'relaxed-simd': { file: 'recurrent-relaxed.wasm', description: 'WebAssembly relaxed SIMD' },
  simd: { file: 'recurrent.wasm', description: 'WebAssembly SIMD' },
} as const;
export type WasmInstructions = keyof typeof products;

const STACK_BYTES = 65_536;

/**
 * Compiles the kernels to work inside the tensors' memory.
 * @param asked the instructions to use; absent: the best that this runtime has (relaxed SIMD: Node 22 or later)
 * @throws Error where this runtime lacks these instructions
 */
export async function loadWasmModule(memory: TensorMemory, asked?: WasmInstructions): Promise<KernelModule> {
  const { code, file, description } = await readProduct(asked);
  const { instance } = await WebAssembly.instantiate(code, { env: { memory: memory.memory } });
  const exports = instance.exports as Exports;
  if (exports.version() !== CALL_VERSION)
    throw new Error(
      `${file} is of version ${exports.version()}, this program of ${CALL_VERSION}: run scripts/build-kernels.sh`,
    );
  // The module has no data of its own; its stack must not lie where the linker puts it, in the backend's data.
  exports.__stack_pointer.value = memory.allocate(STACK_BYTES) + STACK_BYTES;
  return {
    kernels: 'wasm',
    description,
    savedBytes: (call) => exports.saved_bytes(call),
    scratchBytes: (call, backward) => exports.scratch_bytes(call, Number(backward)),
    forward: (call) => exports.forward(0, call),
    backward: (call) => exports.backward(0, call),
    denseScratchBytes: (call, backward) => exports.dense_scratch_bytes(call, Number(backward)),
    denseForward: (call) => exports.dense_forward(0, call),
    denseBackward: (call) => exports.dense_backward(0, call),
  };
}

async function readProduct(
  asked: WasmInstructions | undefined,
): Promise<{ code: Uint8Array; file: string; description: string }> {
  for (const [instructions, product] of Object.entries(products)) {
    if (asked !== undefined && asked !== instructions) continue;
    const code = await readFile(new URL(product.file, import.meta.url));
    if (WebAssembly.validate(code)) return { code, ...product };
  }
  throw new Error(`Node ${process.version} has no WebAssembly ${asked ?? 'SIMD'}`);
}
