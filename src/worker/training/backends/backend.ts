import type { KernelChoice } from '../kernels/kernel-choice.js';

/** One way of computing that TensorFlow.js offers. Others join by being listed in `open-backend.ts`. */
export interface BackendDefinition {
  readonly name: string;
  /**
   * Makes it the backend of this thread, with these recurrent kernels.
   * @throws Error whose text says why it does not work here
   */
  open(kernels: KernelChoice): Promise<OpenedBackend>;
}

export interface OpenedBackend {
  /** What computes, e.g. `wasm (SIMD), native kernels`. */
  readonly device: string;
  /** Starts a new count of `peakBytes`. */
  resetPeak(): void;
  /** Bytes of tensors held at once, at most, since the last reset. */
  peakBytes(): number;
}

/** A backend that passed its self-test. */
export interface TrainingBackend extends OpenedBackend {
  readonly name: string;
  /** Why it was chosen. */
  readonly reason: string;
}
