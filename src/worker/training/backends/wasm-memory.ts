import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '../tfjs.js';

type Meter = { resetPeak(): void; peakBytes(): number };

const meters = new WeakMap<object, Meter>();

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
