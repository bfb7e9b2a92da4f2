import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { outOfMemory } from '../kernels/tensor-memory.js';
import * as tf from '../tfjs.js';

type Meter = { resetPeak(): void; peakBytes(): number };

interface Allocator {
  _malloc: (bytes: number) => number;
  _free(offset: number): void;
}

const meters = new WeakMap<object, Meter>();
const guarded = new WeakSet<object>();

/**
 * Counts the bytes of tensors on the wasm backend. TensorFlow.js' own count (`tf.memory()`) can be asked only between
 * operations and has no peak; we ask it whenever the backend makes room for a result.
 */
export function meterMemory(): Meter {
  const backend = tf.backend() as BackendWasm;
  const known = meters.get(backend);
  if (known) return known;
  let peak = 0;
  const makeOutput = backend.makeOutput.bind(backend);
  backend.makeOutput = (shape, dtype, memoryOffset, values) => {
    const result = makeOutput(shape, dtype, memoryOffset, values);
    const now = tf.memory().numBytes + 4 * tf.util.sizeFromShape(shape);
    if (now > peak) peak = now;
    return result;
  };
  const meter: Meter = {
    resetPeak: () => (peak = tf.memory().numBytes),
    peakBytes: () => Math.max(peak, tf.memory().numBytes),
  };
  meters.set(backend, meter);
  return meter;
}

/**
 * TensorFlow.js does not look at what the allocator of its WebAssembly module returns: it would write results to address
 * 0 where there is no memory left, and takes addresses above 2 GiB, which arrive as negative numbers, for others. Here
 * that is an OutOfMemoryError instead.
 */
export function guardAllocations(): void {
  // Its declaration leaves the allocator out.
  const { wasm } = tf.backend() as unknown as { readonly wasm: Allocator };
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  // Emscripten's function puts another in its own place when it is first called.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc.bind(wasm);
  wasm._malloc = (bytes) => {
    const offset = allocate(bytes);
    if (offset > 0 || bytes === 0) return offset;
    wasm._free(offset);
    throw outOfMemory(bytes);
  };
}
