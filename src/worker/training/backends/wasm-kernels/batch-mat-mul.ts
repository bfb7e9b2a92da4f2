import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '../../tfjs.js';
import type { Kernel, Replacement } from './kernel-arguments.js';

/** The function of the WebAssembly module; shapes as the bytes of 32-bit integers. */
type MatMul = (
  a: number,
  aShape: Uint8Array,
  aRank: number,
  b: number,
  bShape: Uint8Array,
  bRank: number,
  transposeA: number,
  transposeB: number,
  out: number,
) => void;

/** The part of Emscripten's module that its declaration leaves out. */
interface Module {
  cwrap(name: string, result: null, types: readonly string[]): MatMul;
}

const modules = new WeakMap<BackendWasm, MatMul>();

function matMulOf(backend: BackendWasm): MatMul {
  let matMul = modules.get(backend);
  if (!matMul) {
    const types = ['number', 'array', 'number', 'number', 'array', 'number', 'number', 'number', 'number'];
    matMul = (backend.wasm as unknown as Module).cwrap('BatchMatMul', null, types);
    modules.set(backend, matMul);
  }
  return matMul;
}

/**
 * BatchMatMul for the backend `wasm`. That of tfjs-backend-wasm 4.22 has a fast product (XNNPACK) for two matrices
 * that are not transposed, and a scalar loop for everything else. Here the transposed matrix is made, and a stack of
 * products is one fast product after the other, on views of the stacked tensors.
 */
export const batchMatMulReplacement =
  (transpose: Kernel): Replacement =>
  (original) =>
  (args) => {
    const { inputs, attrs, backend } = args;
    const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const simple =
      a.shape.length === 3 && b.shape.length === 3 && a.dtype === 'float32' && b.dtype === 'float32';
    if (!simple || tf.util.sizeFromShape(a.shape) === 0 || tf.util.sizeFromShape(b.shape) === 0)
      return original(args);

    const flip = (x: tf.TensorInfo): tf.TensorInfo =>
      transpose({ inputs: { x }, attrs: { perm: [0, 2, 1] }, backend }) as tf.TensorInfo;
    let [left, right] = [a, b];
    try {
      if (transposeA) left = flip(a);
      if (transposeB) right = flip(b);
      return products(backend, left, right);
    } finally {
      if (left !== a) backend.disposeData(left.dataId);
      if (right !== b) backend.disposeData(right.dataId);
    }
  };

/** A stack of products; where one side has a single matrix, that is multiplied with each of the other's. */
function products(backend: BackendWasm, left: tf.TensorInfo, right: tf.TensorInfo): tf.TensorInfo {
  const [leftCount, rows, inner] = left.shape as [number, number, number];
  const [rightCount, rightInner, width] = right.shape as [number, number, number];
  if (inner !== rightInner)
    throw new Error(`matMul: inner sizes must be equal; they are ${inner} and ${rightInner}`);
  if (leftCount !== rightCount && leftCount !== 1 && rightCount !== 1)
    throw new Error(
      `matMul: stacks must be of as many matrices, or one of 1; they are of ${leftCount} and ${rightCount}`,
    );
  const count = Math.max(leftCount, rightCount);
  const out = backend.makeOutput([count, rows, width], 'float32');
  for (let index = 0; index < count; index++)
    multiply(
      backend,
      view(backend, left, leftCount === 1 ? 0 : index),
      view(backend, right, rightCount === 1 ? 0 : index),
      view(backend, out, index),
    );
  return out;
}

/** One matrix of a stack, where it lies. */
interface Matrix {
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

function view(backend: BackendWasm, tensor: tf.TensorInfo, index: number): Matrix {
  const [, rows, columns] = tensor.shape as [number, number, number];
  const { memoryOffset } = backend.dataIdMap.get(tensor.dataId);
  return { offset: memoryOffset + 4 * index * rows * columns, rows, columns };
}

/** Names that the module knows the matrices by during one product; the backend's own count from 0. */
const [idOfA, idOfB, idOfOut] = [0x4000_0000, 0x4000_0001, 0x4000_0002] as const;

function multiply(backend: BackendWasm, a: Matrix, b: Matrix, out: Matrix): void {
  const { tfjs } = backend.wasm;
  for (const [id, { offset, rows, columns }] of [
    [idOfA, a],
    [idOfB, b],
    [idOfOut, out],
  ] as const)
    tfjs.registerTensor(id, rows * columns, offset);
  matMulOf(backend)(idOfA, shapeBytes(a), 3, idOfB, shapeBytes(b), 3, 0, 0, idOfOut);
  for (const id of [idOfA, idOfB, idOfOut]) tfjs.disposeData(id);
}

function shapeBytes({ rows, columns }: Matrix): Uint8Array {
  return new Uint8Array(new Int32Array([1, rows, columns]).buffer);
}
