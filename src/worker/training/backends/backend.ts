import type { KernelChoice } from '../kernels/kernel-choice.js';

/** One way of computing that TensorFlow.js offers. Others join by being listed in `open-backend.ts`. */
export interface BackendDefinition {
  readonly name: string;
  /** Training threads of one process, at most. Absent: as many as there are cores. */
  readonly mostSlots?: number;
  /** Whether what it needs is installed; it may still not work. Absent: it comes with Sweepyard. */
  find?(): Finding;
  /**
   * Makes it the backend of this thread, with these recurrent kernels.
   * @throws Error whose text says why it does not work here
   */
  open(kernels: KernelChoice): Promise<OpenedBackend>;
}

export type Finding =
  | { readonly found: true; readonly what: string }
  /** How to get it. */
  | { readonly found: false; readonly advice: string };

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
}
