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
  /** Each layer reads the sequence in both directions (Schuster and Paliwal 1997), side by side. @default false */
  readonly bidirectional?: boolean;
  /** What goes into a layer is added to what comes out of it where both are as wide (He et al. 2016). @default false */
  readonly residual?: boolean;
}

/** Added to the forget gate at every step, and no weight: L2 does not pull at it. */
const forgetBias = 1;

/** One direction of a layer. */
interface Direction {
  /** What the names of its weights begin with. */
  readonly name: string;
  readonly reverse: boolean;
}

/** The stacked LSTM: dense(n) at every step, dropout, LSTM(n) several times, dense(classes) of the last output. */
export function lstmStacked(options: LstmStackedOptions): Architecture {
  const { inputs, units: n, passes, classes = 6, bidirectional = false, residual = false } = options;
  const width = bidirectional ? 2 * n : n;
  const layers = Array.from({ length: options.layers }, (_, layer) => {
    const forward: Direction = { name: `lstm${layer + 1}`, reverse: false };
    const backward: Direction = { name: `lstm${layer + 1}Backward`, reverse: true };
    const below = layer === 0 ? n : width;
    return {
      directions: bidirectional ? [forward, backward] : [forward],
      below,
      returnSequences: layer < options.layers - 1,
      skips: residual && below === width,
    };
  });
  return {
    weights: {
      inputKernel: { shape: [inputs, n], initial: normal(0, 1) },
      inputBias: { shape: [n], initial: normal(0, 1) },
      ...Object.fromEntries(
        layers.flatMap(({ directions, below }) =>
          directions.flatMap(({ name }): [string, WeightSpec][] => {
            // As TensorFlow 1's BasicLSTMCell has it: one kernel over input and state for all four gates.
            const gates = glorotUniform(below + n, 4 * n);
            return [
              [`${name}Kernel`, { shape: [below, 4 * n], initial: gates }],
              [`${name}RecurrentKernel`, { shape: [n, 4 * n], initial: gates }],
              [`${name}Bias`, { shape: [4 * n], initial: constant(0) }],
            ];
          }),
        ),
      ),
      outputKernel: { shape: [width, classes], initial: normal(options.outputMean, 1) },
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
      for (const { directions, returnSequences, skips } of layers) {
        const below = sequence as tf.Tensor4D;
        const outputs = directions.map(({ name, reverse }) =>
          lstm(
            below,
            weight<tf.Tensor3D>(`${name}Kernel`),
            weight<tf.Tensor3D>(`${name}RecurrentKernel`),
            tf.add(weight<tf.Tensor2D>(`${name}Bias`), forget),
            { returnSequences, reverse },
          ),
        );
        const output = outputs.length === 1 ? outputs[0]! : tf.concat<tf.Tensor>(outputs, -1);
        const skipped = !skips ? undefined : returnSequences ? below : lastStates(below, directions.length);
        sequence = skipped ? tf.add(output, skipped) : output;
      }
      return dense(sequence, weight('outputKernel'), weight('outputBias'));
    },
  };
}

/**
 * What a sequence has at the step after which each direction has read all of it: the last one forwards, the first one
 * backwards.
 * @param sequence [K, T, B, H], where there are two directions with forward and backward states side by side
 * @returns [K, B, H]
 */
function lastStates(sequence: tf.Tensor4D, directions: number): tf.Tensor {
  const [models, steps, batch, width] = sequence.shape;
  const part = width / directions;
  const ends = Array.from({ length: directions }, (_, direction) => {
    const step = direction === 0 ? steps - 1 : 0;
    return tf.squeeze(tf.slice(sequence, [0, step, 0, direction * part], [models, 1, batch, part]), [1]);
  });
  return ends.length === 1 ? ends[0]! : tf.concat(ends, -1);
}
