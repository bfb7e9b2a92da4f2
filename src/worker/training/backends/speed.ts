import { createRandom } from '../../../sweep/random.js';
import { lstmStacked } from '../architectures/lstm-stacked.js';
import { PackTrainer } from '../pack-trainer.js';
import * as tf from '../tfjs.js';

const [steps, batch, inputs, units, classes] = [128, 512, 9, 32, 6] as const;
/** Milliseconds that are measured at least, and steps. */
const [leastTime, leastSteps] = [1_000, 2] as const;

/**
 * How fast the backend that is set trains: the published stacked LSTM (docs/har.md, model 2) on windows of UCI HAR's
 * shape, made up, in batches of 512. The first step, which compiles what there is to compile, is left out.
 * @returns samples a second, of this thread
 */
export async function trainingSpeed(): Promise<number> {
  const architecture = lstmStacked({
    inputs,
    units,
    layers: 2,
    passes: 1,
    inputActivation: 'relu',
    outputMean: 0,
  });
  const random = createRandom(1);
  const trainer = new PackTrainer(architecture, { optimizer: 'adam' }, [
    { learningRate: 0.0025, l2: 0.0015, random },
  ]);
  const values = Float32Array.from({ length: steps * batch * inputs }, (_, index) => Math.sin(index));
  const x = tf.tensor4d(values, [1, steps, batch, inputs]);
  const rows = Array.from({ length: batch }, (_, index) => index % classes);
  const labels = tf.tidy(() => {
    const ones = tf.oneHot(tf.tensor1d(rows, 'int32'), classes);
    return tf.reshape<tf.Rank.R3>(tf.cast(ones, 'float32'), [1, batch, classes]);
  });
  try {
    await step(trainer, x, labels);
    const start = performance.now();
    let taken = 0;
    do {
      await step(trainer, x, labels);
      taken++;
    } while (taken < leastSteps || performance.now() - start < leastTime);
    return (taken * batch * 1000) / (performance.now() - start);
  } finally {
    tf.dispose([x, labels]);
    trainer.dispose();
  }
}

/** Waits for the loss: a GPU's work is done only then. */
async function step(trainer: PackTrainer, x: tf.Tensor4D, labels: tf.Tensor3D): Promise<void> {
  const loss = trainer.step(0, x, labels);
  const [value] = await loss.data();
  loss.dispose();
  if (!Number.isFinite(value)) throw new Error(`a training step gave the loss ${value}`);
}
