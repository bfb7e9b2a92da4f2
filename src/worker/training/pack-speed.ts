import { createRandom } from '../../sweep/random.js';
import type { PackTry } from '../packs/find-pack-size.js';
import type { TrainingData } from '../datasets/training-data.js';
import type { Architecture } from './architecture.js';
import type { TrainingBackend } from './backends/backend.js';
import { gatherBatch, gatherLabels } from './batches.js';
import { PackTrainer, type MemberSettings } from './pack-trainer.js';
import type { TrainingOptions } from './train-pack.js';
import * as tf from './tfjs.js';

/**
 * Trains so many models as one program for a few steps on real windows, and forgets them: windows that steps of the
 * last head take in, and bytes of tensors.
 * @param milliseconds to spend, about; two steps at least
 * @param clock in milliseconds; a benchmark may count the processor's time instead
 */
export async function measurePackSpeed(
  architecture: Architecture,
  data: TrainingData,
  settings: Omit<MemberSettings, 'random'>,
  options: TrainingOptions,
  size: number,
  backend: TrainingBackend,
  milliseconds: number,
  clock: () => number = () => performance.now(),
): Promise<PackTry> {
  const members = Array.from({ length: size }, (_, seed) => ({ ...settings, random: createRandom(seed) }));
  const trainer = new PackTrainer(architecture, options, members);
  const { steps, channels, train } = data;
  const { batchSize, shuffle } = options;
  const distinct = shuffle ? size : 1;
  const head = architecture.heads.length - 1;
  const { relabel } = architecture.heads[head]!;
  const values = new Float32Array(distinct * steps * batchSize * channels);
  const oneHot = new Float32Array(distinct * batchSize * relabel.length);
  const random = createRandom(size);
  const step = async (): Promise<number> => {
    const start = clock();
    for (let member = 0; member < distinct; member++) {
      const rows = Int32Array.from({ length: batchSize }, () => random.below(train.count));
      const part = values.length / distinct;
      gatherBatch(train, rows, steps, channels, values.subarray(member * part, (member + 1) * part));
      const labels = oneHot.length / distinct;
      gatherLabels(train, rows, relabel, oneHot.subarray(member * labels, (member + 1) * labels));
    }
    const made: tf.Tensor[] = [];
    try {
      const x = tf.tensor4d(values, [distinct, steps, batchSize, channels]);
      made.push(x);
      const labels = tf.tensor3d(oneHot, [distinct, batchSize, relabel.length]);
      made.push(labels);
      const loss = trainer.step(head, x, labels);
      made.push(loss);
      await loss.data();
    } finally {
      tf.dispose(made);
    }
    return clock() - start;
  };
  try {
    backend.resetPeak();
    // The first one makes what the later ones use again.
    await step();
    const times = [await step()];
    for (let spent = times[0]!; spent < milliseconds && times.length < 1000; spent += times.at(-1)!)
      times.push(await step());
    // What else runs on the machine only ever makes a step longer.
    const seconds = Math.min(...times) / 1000;
    return { samplesPerSecond: (size * batchSize) / seconds, bytes: backend.peakBytes() };
  } finally {
    trainer.dispose();
  }
}
