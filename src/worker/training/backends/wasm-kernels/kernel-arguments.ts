import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '../../tfjs.js';

/** What TensorFlow.js hands a kernel of the backend `wasm`. */
export interface KernelArguments {
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly backend: BackendWasm;
}

export type Kernel = (args: KernelArguments) => tf.TensorInfo | tf.TensorInfo[];

/** A kernel in place of another one, which it may call for what it leaves alone. */
export type Replacement = (original: Kernel) => Kernel;
