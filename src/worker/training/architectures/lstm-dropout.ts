import type { Architecture } from '../architecture.js';
import { kerasDense, kerasLstm } from '../keras-weights.js';
import { lstm } from '../kernels/recurrent.js';
import { dense } from '../layers.js';
import * as tf from '../tfjs.js';

export interface LstmDropoutOptions {
  /** I: channels of the data. */
  readonly inputs: number;
  readonly classes: number;
  /** Of each LSTM layer; each is followed by dropout. */
  readonly units: readonly number[];
  readonly passes: number;
}

/** Keras' epsilon: probabilities are put within [epsilon, 1 - epsilon] before their logarithm is taken. */
const epsilon = 1e-7;

/** LSTM and dropout, once or several times, and dense with sigmoid, trained by categorical cross-entropy as in Keras. */
export function lstmDropout({ inputs, classes, units, passes }: LstmDropoutOptions): Architecture {
  const layers = units.map((width, layer) => ({
    name: `lstm${layer + 1}`,
    width,
    below: layer === 0 ? inputs : units[layer - 1]!,
  }));
  return {
    weights: {
      ...Object.fromEntries(
        layers.flatMap(({ name, below, width }) => Object.entries(kerasLstm(name, below, width))),
      ),
      ...kerasDense('output', units.at(-1)!, classes),
    },
    dropouts: layers.length,
    heads: [{ name: 'normal', relabel: Array.from({ length: classes }, (_, label) => label) }],
    passes,
    headsOfPass: () => [0],
    logits(weight, x, _head, dropout) {
      let sequence: tf.Tensor = x;
      layers.forEach(({ name }, layer) => {
        const state = lstm(
          sequence as tf.Tensor4D,
          weight<tf.Tensor3D>(`${name}Kernel`),
          weight<tf.Tensor3D>(`${name}RecurrentKernel`),
          weight<tf.Tensor2D>(`${name}Bias`),
          { returnSequences: layer < layers.length - 1, inputGradient: layer > 0 },
        );
        sequence = dropout(state, layer);
      });
      return normalisedSigmoid(dense(sequence, weight('outputKernel'), weight('outputBias')));
    },
  };
}

/**
 * What Keras' categorical cross-entropy makes of outputs that are no distribution: it divides them by their sum. The
 * result is the logarithm of that, whose softmax is the distribution again.
 */
function normalisedSigmoid(outputs: tf.Tensor3D): tf.Tensor3D {
  const sigmoid = tf.sigmoid(outputs);
  const shares = tf.div<tf.Tensor3D>(sigmoid, tf.sum(sigmoid, 2, true));
  // What is no number stays so, to be noticed: clipByValue alone would make a number of it on some backends.
  return tf.log(tf.where(tf.isNaN(shares), shares, tf.clipByValue(shares, epsilon, 1 - epsilon)));
}
