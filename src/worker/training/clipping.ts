import * as tf from './tfjs.js';

/** Limits on gradients; without any they stay as they are. */
export interface ClippingOptions {
  /** Every component is put within [-clipValue, clipValue]. */
  readonly clipValue?: number | undefined;
  /**
   * Where the Euclidean norm of all of a member's gradients together is above this, they are scaled down to it (Pascanu
   * et al. 2013; PyTorch's clip_grad_norm_, TensorFlow's clip_by_global_norm). After `clipValue`.
   */
  readonly clipNorm?: number | undefined;
}

/**
 * @param gradients [K, ...] each; every member is clipped by its own norm
 * @returns tensors of the caller's tidy
 */
export function clipGradients(
  gradients: Readonly<Record<string, tf.Tensor>>,
  { clipValue, clipNorm }: ClippingOptions,
): Readonly<Record<string, tf.Tensor>> {
  let clipped = gradients;
  // What is no number stays so, to be noticed: clipByValue alone would make a number of it on some backends.
  if (clipValue !== undefined)
    clipped = mapValues(clipped, (g) => tf.where(tf.isNaN(g), g, tf.clipByValue(g, -clipValue, clipValue)));
  if (clipNorm !== undefined) {
    const squares = Object.values(clipped).map((g) =>
      tf.sum(tf.square(tf.reshape(g, [g.shape[0] ?? 0, -1])), 1),
    );
    const norm = tf.sqrt(tf.addN(squares));
    // A norm of 0 gives Infinity, and so a factor of 1.
    const factor = tf.minimum(tf.div(clipNorm, norm), 1);
    clipped = mapValues(clipped, (g) =>
      tf.mul(g, tf.reshape(factor, [-1, ...new Array<number>(g.rank - 1).fill(1)])),
    );
  }
  return clipped;
}

/**
 * The same for gradients where they lie in memory, which stay as they are.
 * @param gradients of `members` members each
 * @returns those given, where there are no limits
 */
export function clippedValues(
  gradients: readonly Float32Array[],
  members: number,
  { clipValue, clipNorm }: ClippingOptions,
): readonly Float32Array[] {
  if (clipValue === undefined && clipNorm === undefined) return gradients;
  const clipped = gradients.map((values) =>
    clipValue === undefined
      ? values.slice()
      : values.map((value) => Math.max(-clipValue, Math.min(clipValue, value))),
  );
  if (clipNorm === undefined) return clipped;
  for (let member = 0; member < members; member++) {
    const own = clipped.map((values) => {
      const size = values.length / members;
      return values.subarray(member * size, (member + 1) * size);
    });
    let square = 0;
    for (const values of own) for (const value of values) square += value * value;
    const factor = Math.min(clipNorm / Math.sqrt(square), 1);
    for (const values of own) for (let i = 0; i < values.length; i++) values[i]! *= factor;
  }
  return clipped;
}

function mapValues(
  tensors: Readonly<Record<string, tf.Tensor>>,
  change: (tensor: tf.Tensor) => tf.Tensor,
): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));
}
