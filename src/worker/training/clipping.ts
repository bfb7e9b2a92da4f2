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
  if (clipValue !== undefined) clipped = mapValues(clipped, (g) => tf.clipByValue(g, -clipValue, clipValue));
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

function mapValues(
  tensors: Readonly<Record<string, tf.Tensor>>,
  change: (tensor: tf.Tensor) => tf.Tensor,
): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));
}
