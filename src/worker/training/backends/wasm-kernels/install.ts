import * as tf from '../../tfjs.js';
import { batchMatMulReplacement } from './batch-mat-mul.js';
import { identityReplacement } from './identity.js';
import type { Kernel, Replacement } from './kernel-arguments.js';
import { reluReplacement } from './relu.js';
import { sliceReplacement, splitReplacement, unpackReplacement } from './slice.js';
import { sumReplacement } from './sum.js';

let installed = false;

/** Puts our kernels in place of the slow or wrong ones of tfjs-backend-wasm, in this thread. The backend must be set up. */
export function installWasmKernels(): void {
  if (installed) return;
  installed = true;
  const replacements: Readonly<Record<string, Replacement>> = {
    Identity: identityReplacement,
    Slice: sliceReplacement,
    SplitV: splitReplacement,
    Unpack: unpackReplacement,
    Sum: sumReplacement,
    Relu: reluReplacement,
    BatchMatMul: batchMatMulReplacement(kernel('Transpose')),
  };
  for (const [name, replacement] of Object.entries(replacements)) {
    const original = kernel(name);
    tf.unregisterKernel(name, 'wasm');
    tf.registerKernel({
      kernelName: name,
      backendName: 'wasm',
      kernelFunc: replacement(original) as unknown as tf.KernelFunc,
    });
  }
}

function kernel(name: string): Kernel {
  const found = tf.getKernel(name, 'wasm');
  if (!found) throw new Error(`the backend wasm has no kernel ${name}`);
  return found.kernelFunc as unknown as Kernel;
}
