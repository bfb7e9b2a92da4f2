import * as tf from '../../tfjs.js';
import type { Replacement } from './kernel-arguments.js';

/**
 * Sum over axes before the last, for the backend `wasm`: the gradient of every bias. That of tfjs-backend-wasm 4.22
 * transposes the whole tensor first. Adds up in double precision.
 */
export const sumReplacement: Replacement = (original) => (args) => {
  const { x } = args.inputs as { x: tf.TensorInfo };
  const { axis, keepDims } = args.attrs as { axis: number | number[]; keepDims?: boolean };
  const axes = tf.util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
  const [first] = axes;
  const last = axes.at(-1);
  const together = first !== undefined && last !== undefined && last - first === axes.length - 1;
  if (x.dtype !== 'float32' || !together || last === x.shape.length - 1) return original(args);

  const outer = product(x.shape.slice(0, first));
  const reduced = product(x.shape.slice(first, last + 1));
  const inner = product(x.shape.slice(last + 1));
  const outShape = keepDims
    ? x.shape.map((length, index) => (axes.includes(index) ? 1 : length))
    : x.shape.filter((_, index) => !axes.includes(index));
  const out = args.backend.makeOutput(outShape, 'float32');
  const source = args.backend.typedArrayFromHeap(x) as Float32Array;
  const target = args.backend.typedArrayFromHeap(out) as Float32Array;
  const sums = new Float64Array(inner);
  for (let block = 0, at = 0; block < outer; block++) {
    sums.fill(0);
    for (let row = 0; row < reduced; row++)
      for (let column = 0; column < inner; column++) sums[column]! += source[at++]!;
    target.set(sums, block * inner);
  }
  return out;
};

function product(lengths: readonly number[]): number {
  return lengths.reduce((result, length) => result * length, 1);
}
