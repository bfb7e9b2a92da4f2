import type { Replacement } from './kernel-arguments.js';

/**
 * Identity for the backend `wasm`, which TensorFlow.js calls for every tensor that a gradient keeps. That of
 * tfjs-backend-wasm 4.22 copies the values; no kernel changes a tensor in place, so one more reference is enough, as
 * its Reshape knows.
 */
export const identityReplacement: Replacement = (original) => (args) => {
  const { x } = args.inputs;
  if (!x || x.dtype === 'string') return original(args);
  args.backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};
