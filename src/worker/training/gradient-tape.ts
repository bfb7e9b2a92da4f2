import * as tf from './tfjs.js';

/**
 * Runs `use`, which computes gradients, outside of any other gradient. TensorFlow.js frees what it keeps of the forward
 * pass only at the end of the backward pass: where either throws, as for want of memory, that is freed here. Otherwise
 * one trial that does not fit would leave its thread without room for all that come after it.
 * @param use called with `tf.keep`; what was kept by it is freed then, too
 */
export function freeingTape<T>(use: (keep: typeof tf.keep) => T): T {
  const kept: tf.Tensor[] = [];
  try {
    return use((tensor) => {
      kept.push(tensor);
      return tf.keep(tensor);
    });
  } catch (error) {
    // TensorFlow.js itself puts null there, which its declaration leaves out.
    const state = tf.engine().state as { activeTape: { readonly saved?: tf.Tensor[] }[] | null };
    tf.dispose([kept, (state.activeTape ?? []).map(({ saved }) => saved)]);
    state.activeTape = null;
    throw error;
  }
}
