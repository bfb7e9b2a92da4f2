import type { RecurrentSizes } from './shapes.js';

/** Kinds of cell, numbered as in c/call.h. */
export const Cell = { Lstm: 0, GruResetBefore: 1, GruResetAfter: 2 } as const;
export type Cell = (typeof Cell)[keyof typeof Cell];

/** What is computed, without the tensors. */
export interface RecurrentAttributes {
  readonly cell: Cell;
  readonly relu: boolean;
  readonly returnSequences: boolean;
  /** From the last step to the first. @default false */
  readonly reverse?: boolean;
}

/** Where tensors lie: bytes from the start of the memory; see c/call.h. 0 and absent mean "none". */
export interface CallOffsets {
  readonly x: number;
  readonly kernel: number;
  readonly recurrentKernel: number;
  readonly bias: number;
  readonly y?: number;
  readonly saved?: number;
  readonly dy?: number;
  readonly dx?: number;
  readonly dKernel?: number;
  readonly dRecurrentKernel?: number;
  readonly dBias?: number;
  readonly scratch?: number;
}

/** Of c/call.h: raised whenever the words of a call change. */
export const CALL_VERSION = 2;
/** The bytes of a `Call`. */
export const CALL_BYTES = 22 * 4;

/** Writes a `Call` (c/call.h) at an offset, which is a multiple of 4, of a memory. */
export function writeCall(
  memory: ArrayBufferLike,
  offset: number,
  { cell, relu, returnSequences, reverse = false }: RecurrentAttributes,
  sizes: RecurrentSizes,
  at: CallOffsets,
): void {
  new Uint32Array(memory, offset, CALL_BYTES / 4).set([
    cell,
    Number(relu),
    sizes.models,
    sizes.inputModels,
    sizes.steps,
    sizes.batch,
    sizes.inputs,
    sizes.units,
    Number(returnSequences),
    Number(reverse),
    at.x,
    at.kernel,
    at.recurrentKernel,
    at.bias,
    at.y ?? 0,
    at.saved ?? 0,
    at.dy ?? 0,
    at.dx ?? 0,
    at.dKernel ?? 0,
    at.dRecurrentKernel ?? 0,
    at.dBias ?? 0,
    at.scratch ?? 0,
  ]);
}

/** The sizes of a call of the dense kernel. */
export interface DenseSizes {
  /** K. */
  readonly models: number;
  /** 1 if all models read the same x, else K. */
  readonly inputModels: number;
  /** N. */
  readonly rows: number;
  /** I. */
  readonly inputs: number;
  /** O. */
  readonly units: number;
}

/** As `CallOffsets`. */
export interface DenseOffsets {
  readonly x: number;
  readonly kernel: number;
  readonly bias: number;
  readonly y: number;
  readonly dy?: number;
  readonly dx?: number;
  readonly dKernel?: number;
  readonly dBias?: number;
  readonly scratch?: number;
}

/** The bytes of a `DenseCall`. */
export const DENSE_CALL_BYTES = 15 * 4;

/** Writes a `DenseCall` (c/call.h) at an offset, which is a multiple of 4, of a memory. */
export function writeDenseCall(
  memory: ArrayBufferLike,
  offset: number,
  relu: boolean,
  { models, inputModels, rows, inputs, units }: DenseSizes,
  at: DenseOffsets,
): void {
  new Uint32Array(memory, offset, DENSE_CALL_BYTES / 4).set([
    Number(relu),
    models,
    inputModels,
    rows,
    inputs,
    units,
    at.x,
    at.kernel,
    at.bias,
    at.y,
    at.dy ?? 0,
    at.dx ?? 0,
    at.dKernel ?? 0,
    at.dBias ?? 0,
    at.scratch ?? 0,
  ]);
}
