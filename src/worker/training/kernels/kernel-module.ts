/** The compiled kernels, as functions on one memory. A call is the offset of a `Call` (call.ts) in it. */
export interface KernelModule {
  readonly kernels: 'native' | 'wasm';
  /** What it runs on, for people: "AVX-512". */
  readonly description: string;
  /** The size of `saved` for this call, in bytes. May exceed what memory there is. */
  savedBytes(call: number): number;
  /** The size of `scratch` for this call, in bytes. */
  scratchBytes(call: number, backward: boolean): number;
  forward(call: number): void;
  backward(call: number): void;
}
