import '@tensorflow/tfjs-backend-wasm';
import { useKernels } from '../kernels/recurrent.js';
import * as tf from '../tfjs.js';
import type { BackendDefinition, OpenedBackend } from './backend.js';
import { installWasmKernels } from './wasm-kernels/install.js';
import { guardAllocations, meterMemory } from './wasm-memory.js';

/** WebAssembly on one core of the processor, with fused recurrent kernels. */
export const wasmBackend: BackendDefinition = {
  name: 'wasm',
  async open(choice): Promise<OpenedBackend> {
    // Two threads of its own gain nothing; two training threads double the throughput.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    if (!(await withoutNewListeners(() => tf.setBackend('wasm'))) || tf.getBackend() !== 'wasm')
      throw new Error('TensorFlow.js could not start its WebAssembly module');
    guardAllocations();
    installWasmKernels();
    const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    const { kernels, reason } = await useKernels(choice);
    const meter = meterMemory();
    return {
      device: `WebAssembly${simd ? ' with SIMD' : ' without SIMD'}, ${kernels} kernels (${reason})`,
      ...meter,
    };
  },
};

/**
 * Emscripten's start code listens for uncaught errors of the process, only to throw them again from its own single line
 * of 30 kB, which Node then prints. Whoever listened before still does.
 */
async function withoutNewListeners<T>(start: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  try {
    return await start();
  } finally {
    events.forEach((event, index) => {
      for (const listener of process.rawListeners(event))
        if (!before[index]!.includes(listener)) process.off(event, listener as () => void);
    });
  }
}
