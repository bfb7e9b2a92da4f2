import type { Random } from '../../sweep/random.js';
import type { Examples } from '../datasets/training-data.js';
import { gatherRows } from './kernels/gather.js';

/** Which rows of the train set the batches of one member hold. */
export interface BatchOrder {
  /** Steps of pass `pass` (from 0). */
  stepsOf(pass: number): number;
  /** Rows of the next batch. The array is used again for the one after. */
  next(): Int32Array;
}

/** How `shuffledOrder` draws. */
export interface ShuffleOptions {
  /** @default false */
  readonly partialBatch?: boolean | undefined;
  /** Each row is drawn out of the next so many in the order of the train set. @default all of them */
  readonly buffer?: number | undefined;
}

/**
 * Rows in a new random order every floor(count / batchSize) batches: then the rest of the rows sits out, and passes
 * have as many steps as in `sequentialOrder`, for a pass is as many rows as there are; or, with `partialBatch`, the rest
 * is a last, smaller batch of the pass.
 */
export function shuffledOrder(
  count: number,
  batchSize: number,
  random: Random,
  { partialBatch = false, buffer = count }: ShuffleOptions = {},
): BatchOrder {
  const rows = Int32Array.from({ length: count }, (_, row) => row);
  const steps = partialBatch ? Math.ceil(count / batchSize) : Math.floor(count / batchSize);
  let step = 0;
  return {
    stepsOf: partialBatch ? () => steps : stepsOfWholeBatches(count, batchSize),
    next() {
      if (step === 0) {
        if (buffer < count) shuffleNearby(rows, buffer, random);
        else shuffle(rows, random);
      }
      const batch = rows.subarray(step * batchSize, (step + 1) * batchSize);
      step = (step + 1) % steps;
      return batch;
    },
  };
}

/**
 * Rows in their own order, or in one random order, over and over; a batch may begin at the end of the train set and end
 * at its start.
 */
export function sequentialOrder(count: number, batchSize: number, random?: Random): BatchOrder {
  const rows = Int32Array.from({ length: count }, (_, row) => row);
  if (random) shuffle(rows, random);
  const batch = new Int32Array(batchSize);
  let at = 0;
  return {
    stepsOf: stepsOfWholeBatches(count, batchSize),
    next() {
      for (let index = 0; index < batchSize; index++) {
        batch[index] = rows[at]!;
        at = at + 1 === count ? 0 : at + 1;
      }
      return batch;
    },
  };
}

/** A step belongs to the pass in which it ends. */
function stepsOfWholeBatches(count: number, batchSize: number): BatchOrder['stepsOf'] {
  return (pass) => Math.floor(((pass + 1) * count) / batchSize) - Math.floor((pass * count) / batchSize);
}

/** Fisher and Yates. */
function shuffle(rows: Int32Array, random: Random): void {
  for (let last = rows.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const row = rows[last]!;
    rows[last] = rows[other]!;
    rows[other] = row;
  }
}

/**
 * As `shuffle(buffer)` of TensorFlow's tf.data does it: a buffer is filled with the first rows, one of it is drawn, and
 * the next row takes its place. So a row comes at most `buffer` - 1 places early, and where neighbours are alike, as the
 * windows of one person, batches are less mixed than by a shuffle of all.
 */
function shuffleNearby(rows: Int32Array, buffer: number, random: Random): void {
  const held = Int32Array.from({ length: buffer }, (_, row) => row);
  for (let place = 0; place < rows.length; place++) {
    const left = Math.min(buffer, rows.length - place);
    const drawn = random.below(left);
    rows[place] = held[drawn]!;
    const next = place + buffer;
    held[drawn] = next < rows.length ? next : held[left - 1]!;
  }
}

/**
 * Copies rows of the examples into a batch.
 * @param to [steps, rows, channels], written whole
 */
export function gatherBatch(
  examples: Examples,
  rows: Int32Array,
  steps: number,
  channels: number,
  to: Float32Array,
): void {
  const values = examples.values.subarray(0, steps * examples.count * channels);
  gatherRows(values, steps, channels, rows, to);
}

/** Labels of the rows, one-hot. @param to [rows, relabel.length], written whole */
export function gatherLabels(
  examples: Examples,
  rows: Int32Array,
  relabel: readonly number[],
  to: Float32Array,
): void {
  to.fill(0);
  rows.forEach((row, index) => {
    to[index * relabel.length + relabel[examples.labels[row]!]!] = 1;
  });
}
