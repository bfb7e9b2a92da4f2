import type { Architecture } from '../architecture.js';
import { lstm } from '../kernels/recurrent.js';
import { dense, denseOverTime } from '../layers.js';
import * as tf from '../tfjs.js';
import { constant, glorotUniform, normal, type WeightSpec } from '../weights.js';

export interface LstmStackedOptions {
  /** I: channels of the data. */
  readonly inputs: number;
  readonly units: number;
  /** LSTM layers, one on the other. */
  readonly layers: number;
  readonly passes: number;
  /** Of the dense layer before the first LSTM: linear in the first published version, relu in the later one. */
  readonly inputActivation: 'linear' | 'relu';
  /** Mean of the output weights as drawn: 0 in the first published version, 1 in the later one. */
  readonly outputMean: number;
  /** @default 6 */
  readonly classes?: number;
}

/** Added to the forget gate at every step, and no weight: L2 does not pull at it. */
const forgetBias = 1;

/** The stacked LSTM: dense(n) at every step, dropout, LSTM(n) several times, dense(classes) of the last output. */
export function lstmStacked(options: LstmStackedOptions): Architecture {
  const { inputs, units: n, layers, passes, classes = 6 } = options;
  const recurrent = Array.from({ length: layers }, (_, layer) => ({
    kernel: `lstm${layer + 1}Kernel`,
    recurrentKernel: `lstm${layer + 1}RecurrentKernel`,
    bias: `lstm${layer + 1}Bias`,
  }));
  // As TensorFlow 1's BasicLSTMCell has it: one kernel over input and state for all four gates.
  const gates = glorotUniform(2 * n, 4 * n);
  return {
    weights: {
      inputKernel: { shape: [inputs, n], initial: normal(0, 1) },
      inputBias: { shape: [n], initial: normal(0, 1) },
      ...Object.fromEntries(
        recurrent.flatMap(({ kernel, recurrentKernel, bias }): [string, WeightSpec][] => [
          [kernel, { shape: [n, 4 * n], initial: gates }],
          [recurrentKernel, { shape: [n, 4 * n], initial: gates }],
          [bias, { shape: [4 * n], initial: constant(0) }],
        ]),
      ),
      outputKernel: { shape: [n, classes], initial: normal(options.outputMean, 1) },
      outputBias: { shape: [classes], initial: normal(0, 1) },
    },
    dropouts: 1,
    heads: [{ name: 'normal', relabel: Array.from({ length: classes }, (_, label) => label) }],
    passes,
    headsOfPass: () => [0],
    logits(weight, x, _head, dropout) {
      const forget = tf.tensor2d(
        Float32Array.from({ length: 4 * n }, (_, i) => (i >= n && i < 2 * n ? forgetBias : 0)),
        [1, 4 * n],
      );
      let sequence: tf.Tensor = dropout(
        denseOverTime(x, weight('inputKernel'), weight('inputBias'), options.inputActivation, {
          inputGradient: false,
        }),
        0,
      );
      recurrent.forEach(({ kernel, recurrentKernel, bias }, layer) => {
        sequence = lstm(
          sequence as tf.Tensor4D,
          weight<tf.Tensor3D>(kernel),
          weight<tf.Tensor3D>(recurrentKernel),
          tf.add(weight<tf.Tensor2D>(bias), forget),
          { returnSequences: layer < layers - 1 },
        );
      });
      return dense(sequence, weight('outputKernel'), weight('outputBias'));
    },
  };
}
