import * as tf from '../tfjs.js';
import type { OpenedBackend } from './backend.js';

type Meter = Pick<OpenedBackend, 'resetPeak' | 'peakBytes'>;

let meter: Meter | undefined;

/**
 * Counts the bytes of tensors on any backend, by asking TensorFlow.js' own count whenever it takes up a tensor. What a
 * kernel holds only while it runs is not seen.
 */
export function meterEngineMemory(): Meter {
  if (meter) return meter;
  const engine = tf.engine();
  const trackTensor = engine.trackTensor.bind(engine);
  let peak = 0;
  engine.trackTensor = (tensor, backend) => {
    trackTensor(tensor, backend);
    if (engine.state.numBytes > peak) peak = engine.state.numBytes;
  };
  meter = {
    resetPeak: () => (peak = engine.state.numBytes),
    peakBytes: () => Math.max(peak, engine.state.numBytes),
  };
  return meter;
}
