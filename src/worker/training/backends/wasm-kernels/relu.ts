import type { Replacement } from './kernel-arguments.js';

/**
 * Relu for the backend `wasm`. That of tfjs-backend-wasm 4.22 compares bits as whole numbers, so that a NaN with the sign
 * bit set becomes 0, as which processors make it: a trial that has diverged would go on as if nothing were.
 */
export const reluReplacement: Replacement = (original) => (args) => {
  const { x } = args.inputs;
  if (x?.dtype !== 'float32') return original(args);
  const out = args.backend.makeOutput(x.shape, 'float32');
  // Only now: making room may have replaced the heap.
  const source = args.backend.typedArrayFromHeap(x) as Float32Array;
  const target = args.backend.typedArrayFromHeap(out) as Float32Array;
  for (let index = 0; index < source.length; index++) {
    const value = source[index]!;
    target[index] = value <= 0 ? 0 : value;
  }
  return out;
};
