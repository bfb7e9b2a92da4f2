/** The compiled kernels, as functions on one memory. A call is the offset of a call (call.ts) in it. */
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
  denseScratchBytes(call: number, backward: boolean): number;
  denseForward(call: number): void;
  denseBackward(call: number): void;
  /** See `gatherRows` in gather.ts; absent where it would not be faster than JavaScript. */
  readonly gather?: GatherRows;
}

/**
 * @param values [planes, rows of a plane, width]
 * @param rows of every plane, in the order wanted
 * @param to [planes, rows.length, width], written whole
 * @throws RangeError where a row is not in the data
 */
export type GatherRows = (
  values: Float32Array,
  planes: number,
  width: number,
  rows: Int32Array,
  to: Float32Array,
) => void;
