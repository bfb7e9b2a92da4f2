import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { CALL_VERSION } from './call.js';
import type { KernelModule } from './kernel-module.js';
import type { TensorMemory } from './tensor-memory.js';

/** What c/addon.c exports. Offsets are within the buffer. */
interface Addon {
  readonly version: number;
  readonly instructions: string;
  savedBytes(buffer: ArrayBuffer, call: number): number;
  scratchBytes(buffer: ArrayBuffer, call: number, backward: boolean): number;
  forward(buffer: ArrayBuffer, call: number): void;
  backward(buffer: ArrayBuffer, call: number): void;
}

/** Loads the addon that scripts/build-native.mjs builds at install, where it can. */
export function loadNativeModule(memory: TensorMemory): Promise<KernelModule> {
  return Promise.resolve().then(() => {
    const file = fileURLToPath(new URL('../../../../build/native/recurrent.node', import.meta.url));
    if (!existsSync(file))
      throw new Error('not built at install (node scripts/build-native.mjs --verbose says why)');
    const addon = createRequire(import.meta.url)(file) as Addon;
    if (addon.version !== CALL_VERSION)
      throw new Error(
        `${file} is of version ${addon.version}, this program of ${CALL_VERSION}: run node scripts/build-native.mjs`,
      );
    return {
      kernels: 'native',
      description: addon.instructions,
      savedBytes: (call) => addon.savedBytes(memory.bytes, call),
      scratchBytes: (call, backward) => addon.scratchBytes(memory.bytes, call, backward),
      forward: (call) => addon.forward(memory.bytes, call),
      backward: (call) => addon.backward(memory.bytes, call),
    };
  });
}
