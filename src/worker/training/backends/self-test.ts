import { gru, lstm } from '../kernels/recurrent.js';
import { dense } from '../layers.js';
import * as tf from '../tfjs.js';

/**
 * One step of training on the backend that is set, against numbers computed once in double precision by another
 * program (test/worker/training/reference.py). A backend or kernel that computes something else is worse than none.
 * @throws Error that says what differs
 */
export async function selfTest(): Promise<void> {
  const outcome = tf.tidy(step);
  const numbers = [...(await outcome.data())];
  outcome.dispose();
  selfTestValues.forEach((value, index) => {
    const found = numbers[index] ?? NaN;
    if (!(Math.abs(found - value) <= 1e-3 * Math.abs(value)))
      throw new Error(`self-test: number ${index} of a training step is ${found}; it must be ${value}`);
  });
}

/** Losses of a two-model pack, then the sum of squares of each gradient. */
export const selfTestValues: readonly number[] = [
  3.478629779, 3.438639476, 0.002281372537, 0.00009744183012, 0.0007657250819, 0.01935012211, 0.002751443015,
  0.06225447385, 0.2369069105, 0.588576567,
];

const [models, steps, batch, inputs, units, classes] = [2, 5, 3, 2, 4, 3] as const;

/** Numbers that any program can make again: sin(start + i) / 2. */
function wave(shape: number[], start: number): tf.Tensor {
  const values = Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(start + i) / 2);
  return tf.tensor(values, shape);
}

function step(): tf.Tensor1D {
  const x = wave([models, steps, batch, inputs], 0) as tf.Tensor4D;
  const labels = tf.oneHot(tf.tensor2d([0, 1, 2, 2, 1, 0], [models, batch], 'int32'), classes);
  const shapes = [
    [models, inputs, 4 * units],
    [models, units, 4 * units],
    [models, 4 * units],
    [models, units, 3 * units],
    [models, units, 3 * units],
    [models, 3 * units],
    [models, units, classes],
    [models, classes],
  ];
  const weights = shapes.map((shape, index) => wave(shape, index + 1));
  const losses: tf.Tensor[] = [];
  const gradients = tf.grads((...w: tf.Tensor[]) => {
    const [k1, r1, b1, k2, r2, b2, k3, b3] = w as [
      tf.Tensor3D,
      tf.Tensor3D,
      tf.Tensor2D,
      tf.Tensor3D,
      tf.Tensor3D,
      tf.Tensor2D,
      tf.Tensor,
      tf.Tensor,
    ];
    const sequence = lstm(x, k1, r1, b1, { returnSequences: true });
    const state = gru(sequence, k2, r2, b2, {
      form: 'reset-before',
      activation: 'relu',
      returnSequences: false,
    });
    const logits = dense(state, k3, b3);
    const loss = tf.neg(tf.sum(tf.mul(tf.cast(labels, 'float32'), tf.logSoftmax(logits)), [1, 2]));
    losses.push(tf.keep(loss));
    return tf.sum(loss);
  })(weights);
  const squares = gradients.map((gradient) => tf.reshape(tf.sum(tf.square(gradient)), [1]));
  const result = tf.concat1d([losses[0] as tf.Tensor1D, ...(squares as tf.Tensor1D[])]);
  tf.dispose(losses);
  return result;
}
