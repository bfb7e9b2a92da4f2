import type { TrainingData } from '../datasets/training-data.js';
import type { Head } from './architecture.js';
import { gatherBatch, gatherLabels } from './batches.js';
import type { BatchPart } from './pack-trainer.js';
import * as tf from './tfjs.js';

/** Makes tensors of the rows of the train set that the members of a pack read in one step. */
export class TrainBatches {
  private buffer = new Float32Array();

  /** @param windowsAtOnce of each member, at most: larger batches come in parts, as even as can be */
  constructor(
    private readonly data: TrainingData,
    private readonly windowsAtOnce = Infinity,
  ) {}

  /**
   * Calls `use` with a function that gives a head's parts of the batch, whose tensors are gone when the next one is
   * asked for. A batch of one part is gathered once for all heads.
   * @param rows of each member that reads others than the rest
   */
  async with<T>(
    rows: readonly Int32Array[],
    use: (partsOf: (head: Head, pass: number) => Iterable<BatchPart>) => Promise<T>,
  ): Promise<T> {
    const parts = partsOf(rows[0]!.length, this.windowsAtOnce);
    const whole = parts.length === 1 ? this.windows(rows) : undefined;
    try {
      return await use((head, pass) => this.parts(rows, parts, head, pass, whole));
    } finally {
      whole?.dispose();
    }
  }

  private *parts(
    rows: readonly Int32Array[],
    parts: readonly (readonly [first: number, end: number])[],
    head: Head,
    pass: number,
    whole: tf.Tensor4D | undefined,
  ): Generator<BatchPart> {
    for (const [first, end] of parts) {
      const own = rows.map((batch) => batch.subarray(first, end));
      const x = whole ?? this.windows(own);
      let labels: tf.Tensor3D | undefined;
      try {
        labels = this.labels(own, head.relabelOfPass?.(pass) ?? head.relabel);
        yield { x, labels, first };
      } finally {
        labels?.dispose();
        if (x !== whole) x.dispose();
      }
    }
  }

  /** [rows.length, T, B, I] */
  private windows(rows: readonly Int32Array[]): tf.Tensor4D {
    const { steps, channels, train } = this.data;
    const count = rows[0]!.length;
    const size = steps * count * channels;
    if (this.buffer.length !== rows.length * size) this.buffer = new Float32Array(rows.length * size);
    rows.forEach((own, index) =>
      gatherBatch(train, own, steps, channels, this.buffer.subarray(index * size, (index + 1) * size)),
    );
    return tf.tensor4d(this.buffer, [rows.length, steps, count, channels]);
  }

  /** [rows.length, B, classes], one-hot */
  private labels(rows: readonly Int32Array[], relabel: readonly number[]): tf.Tensor3D {
    const count = rows[0]!.length;
    const size = count * relabel.length;
    const values = new Float32Array(rows.length * size);
    rows.forEach((own, index) =>
      gatherLabels(this.data.train, own, relabel, values.subarray(index * size, (index + 1) * size)),
    );
    return tf.tensor3d(values, [rows.length, count, relabel.length]);
  }
}

/** Divides so many windows into as few parts as that many at once need, as even as can be: from where to where. */
export function partsOf(windows: number, atOnce: number): [first: number, end: number][] {
  const count = Math.max(1, Math.ceil(windows / atOnce));
  return Array.from({ length: count }, (_, part) => [
    Math.ceil((part * windows) / count),
    Math.ceil(((part + 1) * windows) / count),
  ]);
}
