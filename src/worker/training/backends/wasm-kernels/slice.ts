import * as tf from '../../tfjs.js';
import type { KernelArguments, Replacement } from './kernel-arguments.js';

/**
 * Slice, SplitV and Unpack for the backend `wasm`. Those of tfjs-backend-wasm 4.22 copy the whole source out of the
 * heap for every part that they cut, which makes unstacking T steps cost T times the tensor.
 */
export const sliceReplacement: Replacement = (original) => (args) => {
  const { x } = args.inputs as { x: tf.TensorInfo };
  const { begin, size } = args.attrs as { begin: number | number[]; size: number | number[] };
  if (x.dtype === 'string' || x.shape.length === 0) return original(args);
  // What TensorFlow.js' own functions know of shapes wants a tensor, but reads only its shape.
  const [from, shape] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
  return cut(args, x, from, shape, shape);
};

export const splitReplacement: Replacement = (original) => (args) => {
  const { x } = args.inputs as { x: tf.TensorInfo };
  const { numOrSizeSplits, axis } = args.attrs as { numOrSizeSplits: number | number[]; axis: number };
  if (x.dtype === 'string') return original(args);
  const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
  const begin = new Array<number>(x.shape.length).fill(0);
  const lengths = tf.backend_util.prepareSplitSize(x, numOrSizeSplits, along);
  return allOrNone(args, lengths, (length) => {
    const shape = x.shape.with(along, length);
    const part = cut(args, x, begin, shape, shape);
    begin[along]! += length;
    return part;
  });
};

export const unpackReplacement: Replacement = (original) => (args) => {
  const { value } = args.inputs as { value: tf.TensorInfo };
  const { axis } = args.attrs as { axis: number };
  if (value.dtype === 'string') return original(args);
  const along = tf.util.parseAxisParam(axis, value.shape)[0]!;
  const shape = value.shape.with(along, 1);
  const outShape = value.shape.toSpliced(along, 1);
  return allOrNone(args, Array(value.shape[along]).keys(), (index) => {
    const begin = new Array<number>(shape.length).fill(0).with(along, index);
    return cut(args, value, begin, shape, outShape);
  });
};

/** Makes several tensors; where there is no room for one of them, those made before are gone. */
function allOrNone<T>(
  { backend }: KernelArguments,
  of: Iterable<T>,
  make: (one: T) => tf.TensorInfo,
): tf.TensorInfo[] {
  const made: tf.TensorInfo[] = [];
  try {
    for (const one of of) made.push(make(one));
    return made;
  } catch (error) {
    for (const { dataId } of made) backend.disposeData(dataId);
    throw error;
  }
}

/** Copies the box `shape` at `begin` of a tensor into a new one of shape `outShape` (as many values). */
function cut(
  { backend }: KernelArguments,
  x: tf.TensorInfo,
  begin: readonly number[],
  shape: readonly number[],
  outShape: readonly number[],
): tf.TensorInfo {
  const out = backend.makeOutput([...outShape], x.dtype);
  // Only now: making room may have replaced the heap.
  const source = backend.typedArrayFromHeap(x);
  const target = backend.typedArrayFromHeap(out);
  if (target.length === 0) return out;

  // Values that lie together: all axes behind the last one that is cut, and that one's part.
  let inner = shape.length - 1;
  while (inner > 0 && shape[inner] === x.shape[inner]) inner--;
  const strides = stridesOf(x.shape);
  const run = shape[inner]! * strides[inner]!;
  let at = 0;
  const copy = (axis: number, offset: number): void => {
    if (axis < inner) {
      for (let index = 0; index < shape[axis]!; index++)
        copy(axis + 1, offset + (begin[axis]! + index) * strides[axis]!);
      return;
    }
    const start = offset + begin[inner]! * strides[inner]!;
    if (run < 32) for (let index = 0; index < run; index++) target[at + index] = source[start + index]!;
    else target.set(source.subarray(start, start + run), at);
    at += run;
  };
  copy(0, 0);
  return out;
}

function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}
