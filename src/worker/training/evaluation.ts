import type { Examples } from '../datasets/training-data.js';
import { gatherBatch } from './batches.js';
import { emptyConfusionMatrix } from './classification.js';
import type { PackTrainer } from './pack-trainer.js';
import * as tf from './tfjs.js';

/** What one member of a pack makes of a set of examples. */
export interface Evaluation {
  /** Mean cross-entropy, natural logarithm. */
  readonly loss: number;
  /** Mean over windows and classes of how far the probabilities are from 0 or 1, as they should be. */
  readonly meanAbsoluteError: number;
  readonly confusion: number[][];
}

/** Windows that go through the network at once: enough to keep the kernels busy, little memory. */
const mostWindows = 512;
/** A pack's members share them; so few at least. */
const fewestWindows = 32;

/**
 * Runs a head over all examples, for every member of the pack.
 * @param relabel the label a class counts as, by class
 * @param windowsAtOnce that fit into the memory, at most
 * @returns by member
 */
export async function evaluate(
  trainer: PackTrainer,
  head: number,
  relabel: readonly number[],
  examples: Examples,
  shape: { readonly steps: number; readonly channels: number },
  windowsAtOnce = Infinity,
): Promise<Evaluation[]> {
  const { steps, channels } = shape;
  const classes = relabel.length;
  let losses: number[] = [];
  let errors: number[] = [];
  let matrices: number[][][] = [];
  const wanted = Math.max(fewestWindows, Math.floor(mostWindows / trainer.members.length));
  const batchSize = Math.min(wanted, windowsAtOnce);
  for (let start = 0; start < examples.count; start += batchSize) {
    const size = Math.min(batchSize, examples.count - start);
    const rows = Int32Array.from({ length: size }, (_, index) => start + index);
    const values = new Float32Array(steps * size * channels);
    gatherBatch(examples, rows, steps, channels, values);
    const x = tf.tensor4d(values, [1, steps, size, channels]);
    const { numbers, members } = await logitsOf(trainer, head, x);
    if (start === 0) {
      losses = new Array<number>(members).fill(0);
      errors = new Array<number>(members).fill(0);
      matrices = Array.from({ length: members }, () => emptyConfusionMatrix(classes));
    }
    for (let member = 0; member < members; member++)
      for (let index = 0; index < size; index++) {
        const label = relabel[examples.labels[start + index]!]!;
        const at = (member * size + index) * classes;
        const { loss, predicted } = judge(numbers.subarray(at, at + classes), label);
        losses[member]! += loss / examples.count;
        // What the right class lacks to 1 is what the others have above 0.
        errors[member]! += (2 * -Math.expm1(-loss)) / (classes * examples.count);
        matrices[member]![label]![predicted]! += 1;
      }
  }
  return losses.map((loss, member) => ({
    loss,
    meanAbsoluteError: errors[member]!,
    confusion: matrices[member]!,
  }));
}

/** @param x is gone afterwards */
async function logitsOf(
  trainer: PackTrainer,
  head: number,
  x: tf.Tensor4D,
): Promise<{ readonly numbers: Float32Array; readonly members: number }> {
  let logits: tf.Tensor3D | undefined;
  try {
    logits = trainer.logits(head, x);
    return { numbers: await logits.data<'float32'>(), members: logits.shape[0] };
  } finally {
    tf.dispose([x, logits]);
  }
}

function judge(logits: Float32Array, label: number): { loss: number; predicted: number } {
  let predicted = 0;
  for (let index = 1; index < logits.length; index++)
    if (logits[index]! > logits[predicted]!) predicted = index;
  const largest = logits[predicted]!;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - largest);
  return { loss: Math.log(sum) + largest - logits[label]!, predicted };
}
