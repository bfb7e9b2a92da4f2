import { gru, lstm } from '../kernels/recurrent.js';
import { dense, denseOverTime } from '../layers.js';
import { createOptimizer } from '../optimizers.js';
import * as tf from '../tfjs.js';

/**
 * One step of training, with every layer that has kernels of our own, on the backend that is set, against numbers computed once in double precision by another
 * program (test/worker/training/reference.py). A backend or kernel that computes something else is worse than none.
 * @throws Error that says what differs
 */
export async function selfTest(): Promise<void> {
  const outcome = step();
  const numbers = [...(await outcome.data())];
  outcome.dispose();
  selfTestValues.forEach((value, index) => {
    const found = numbers[index] ?? NaN;
    if (!(Math.abs(found - value) <= 1e-3 * Math.abs(value)))
      throw new Error(`self-test: number ${index} of a training step is ${found}; it must be ${value}`);
  });
}

/**
 * Losses of a two-model pack; then of each weight its gradient, and then of each how an optimizer's step changes it: the
 * sum of the values times those of a wave, which sees signs and places.
 */
export const selfTestValues: readonly number[] = [
  3.306707097, 3.38091995, 0.001047428405, 0.007751144427, -0.002111525931, 0.0007964805755, -0.003814626308,
  -0.009789657696, 0.001134445771, -0.02744985792, -0.01580889682, 0.01363053616, 0.04832502801,
  -0.01939053904, 0.1750949157, 0.001063511798, -0.00286951133, 0.001788203357, 0.0001411800855,
  0.005033275562, 0.008693710525, -0.0006792086386, 0.01416800749, 0.01193695301, -0.001748291769,
  -0.03435283659, -0.002720525488, -0.07402263423,
];

const [models, steps, batch, inputs, units, classes] = [2, 5, 3, 2, 4, 3] as const;
const shapes = [
  [models, inputs, units],
  [models, units],
  [models, units, 4 * units],
  [models, units, 4 * units],
  [models, 4 * units],
  [models, units, 3 * units],
  [models, units, 3 * units],
  [models, 3 * units],
  [models, units, 3 * units],
  [models, units, 3 * units],
  [models, 2, 3 * units],
  [models, units, classes],
  [models, classes],
] as const;

/** Numbers that any program can make again: sin(start + i) / 2. */
function wave<T extends tf.Tensor>(shape: readonly number[], start: number): T {
  const values = Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => Math.sin(start + i) / 2);
  return tf.tensor(values, [...shape]) as T;
}

function step(): tf.Tensor1D {
  const weights = Object.fromEntries(
    shapes.map((shape, index) => [String(index), tf.tidy(() => tf.variable(wave(shape, index + 1)))]),
  );
  const constants = { epsilon: 0.01 };
  const optimizer = createOptimizer('adam', [constants, constants]);
  try {
    return tf.tidy(() => {
      const before = Object.values(weights).map((weight) => weight.clone());
      const { losses, gradients } = lossesAndGradients(before);
      const named = Object.fromEntries(gradients.map((gradient, index) => [String(index), gradient]));
      optimizer.apply(weights, named, [0.1, 0.2]);
      const changes = before.map((weight, index) => tf.sub(weights[String(index)]!, weight));
      const sums = [...gradients, ...changes].map((values, index) =>
        tf.reshape<tf.Rank.R1>(tf.sum(tf.mul(values, wave(values.shape, 100 + index))), [1]),
      );
      return tf.concat1d([losses, ...sums]);
    });
  } finally {
    optimizer.dispose();
    tf.dispose(weights);
  }
}

function lossesAndGradients(weights: tf.Tensor[]): { losses: tf.Tensor1D; gradients: tf.Tensor[] } {
  const x = wave<tf.Tensor4D>([models, steps, batch, inputs], 0);
  const labels = tf.oneHot(tf.tensor2d([0, 1, 2, 2, 1, 0], [models, batch], 'int32'), classes);
  const losses: tf.Tensor1D[] = [];
  const gradients = tf.grads((...given: tf.Tensor[]) => {
    const weight = <T extends tf.Tensor>(index: number): T => given[index] as T;
    const read = denseOverTime(x, weight(0), weight(1), 'relu', { inputGradient: false });
    const first = lstm(read, weight(2), weight(3), weight(4), { returnSequences: true });
    const before = { form: 'reset-before', activation: 'relu', returnSequences: true } as const;
    const second = gru(first, weight(5), weight(6), weight(7), before);
    const after = { form: 'reset-after', activation: 'tanh', returnSequences: false } as const;
    const logits = dense(gru(second, weight(8), weight(9), weight(10), after), weight(11), weight(12));
    const entropies = tf.mul(tf.cast(labels, 'float32'), tf.logSoftmax(logits));
    const loss = tf.neg<tf.Tensor1D>(tf.sum<tf.Tensor1D>(entropies, [1, 2]));
    losses.push(tf.keep(loss));
    return tf.sum(loss);
  })(weights);
  const [kept] = losses as [tf.Tensor1D];
  const loss = tf.clone(kept);
  kept.dispose();
  return { losses: loss, gradients };
}
