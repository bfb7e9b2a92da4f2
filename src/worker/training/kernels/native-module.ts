import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { CALL_VERSION } from './call.js';
import type { GatherRows, KernelModule } from './kernel-module.js';
import type { TensorMemory } from './tensor-memory.js';

/** Instruction sets for which the addon has code, numbered as in c/addon.c. */
const levels = { baseline: 0, avx2: 1, avx512: 2 } as const;
export type NativeInstructions = keyof typeof levels;

/** What c/addon.c exports. Offsets are within the buffer. */
interface Addon {
  readonly version: number;
  /** The widest instructions that this processor has. */
  readonly widest: number;
  savedBytes(buffer: ArrayBuffer, call: number, level: number): number;
  scratchBytes(buffer: ArrayBuffer, call: number, level: number, backward: boolean): number;
  forward(buffer: ArrayBuffer, call: number, level: number): void;
  backward(buffer: ArrayBuffer, call: number, level: number): void;
  denseScratchBytes(buffer: ArrayBuffer, call: number, level: number, backward: boolean): number;
  denseForward(buffer: ArrayBuffer, call: number, level: number): void;
  denseBackward(buffer: ArrayBuffer, call: number, level: number): void;
  readonly gather: GatherRows;
}

const file = fileURLToPath(new URL('../../../../build/native/recurrent.node', import.meta.url));

/** Changes whenever the addon is built anew; undefined where there is none. */
export function addonBuild(): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && `${found.size} ${found.mtimeMs}`;
}

/**
 * Loads the addon that scripts/build-native.mjs builds at install, where it can.
 * @param instructions the widest to use; absent: the widest that this processor has
 * @throws Error where there is no addon or the processor lacks these instructions
 */
export function loadNativeModule(memory: TensorMemory, instructions?: NativeInstructions): KernelModule {
  if (!existsSync(file))
    throw new Error('not built at install (node scripts/build-native.mjs --verbose says why)');
  const addon = createRequire(import.meta.url)(file) as Addon;
  if (addon.version !== CALL_VERSION)
    throw new Error(
      `${file} is of version ${addon.version}, this program of ${CALL_VERSION}: run node scripts/build-native.mjs`,
    );
  const level = instructions === undefined ? addon.widest : levels[instructions];
  if (level > addon.widest) throw new Error(`this processor has no ${instructions}`);
  return {
    kernels: 'native',
    description: ['baseline instructions', 'AVX2', 'AVX-512'][level] ?? `instruction set ${level}`,
    savedBytes: (call) => addon.savedBytes(memory.bytes, call, level),
    scratchBytes: (call, backward) => addon.scratchBytes(memory.bytes, call, level, backward),
    forward: (call) => addon.forward(memory.bytes, call, level),
    backward: (call) => addon.backward(memory.bytes, call, level),
    denseScratchBytes: (call, backward) => addon.denseScratchBytes(memory.bytes, call, level, backward),
    denseForward: (call) => addon.denseForward(memory.bytes, call, level),
    denseBackward: (call) => addon.denseBackward(memory.bytes, call, level),
    gather: addon.gather,
  };
}
