/**
 * TensorFlow.js with its gradients: everything here imports it from this file. (The build of tfjs-core that Node loads
 * registers none; `scripts/build-gradients.mjs` makes the module that does.)
 */
await import(new URL('../../../dist/tfjs-gradients.js', import.meta.url).href);

export * from '@tensorflow/tfjs-core';
