/** A worker thread of threads.test.ts: fits an LSTM's weights to a target and answers with the losses on the way. */
import { parentPort, workerData } from 'node:worker_threads';
import { lstm, useKernels } from '../../../src/worker/training/kernels/recurrent.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import '@tensorflow/tfjs-backend-wasm';

const { seed, steps } = workerData as { seed: number; steps: number };
await tf.setBackend('wasm');
await useKernels('native');
const draw = (shape: number[], offset: number): tf.Tensor =>
  tf.randomUniform(shape, -1, 1, 'float32', 10 * seed + offset);
const x = draw([1, 12, 64, 8], 0) as tf.Tensor4D;
const target = tf.mul(0.5, draw([1, 64, 16], 1));
const weights = [draw([1, 8, 64], 2), draw([1, 16, 64], 3), draw([1, 64], 4)];
const options = { returnSequences: false, inputGradient: false } as const;
const loss = (...[kernel, recurrentKernel, bias]: tf.Tensor[]): tf.Scalar =>
  tf.mean(
    tf.squaredDifference(
      lstm(x, kernel as tf.Tensor3D, recurrentKernel as tf.Tensor3D, bias as tf.Tensor2D, options),
      target,
    ),
  );
const losses: number[] = [];
for (let step = 0; step < steps; step++) {
  const { value, grads } = tf.valueAndGrads(loss)(weights);
  losses.push(value.dataSync()[0]!);
  grads.forEach((gradient, i) => {
    weights[i] = tf.sub(weights[i]!, tf.mul(20, gradient));
  });
}
parentPort?.postMessage(losses);
