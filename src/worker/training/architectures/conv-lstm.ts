import type { Architecture } from '../architecture.js';
import { causalConvolution } from '../causal-convolution.js';
import { kerasDense, kerasLstm } from '../keras-weights.js';
import { lstm } from '../kernels/recurrent.js';
import { dense } from '../layers.js';
import * as tf from '../tfjs.js';
import { glorotUniform } from '../weights.js';

export interface ConvLstmOptions {
  /** I: channels of the data. */
  readonly inputs: number;
  readonly classes: number;
  /** Of the convolution. */
  readonly filters: number;
  /** Steps that the convolution sees. */
  readonly kernelSize: number;
  /** Of each LSTM layer. */
  readonly units: number;
  /** LSTM layers, one on the other. */
  readonly layers: number;
  /** Of each of the two dense layers. */
  readonly denseUnits: number;
  readonly passes: number;
}

/**
 * Causal convolution (relu), LSTM layers, dense (relu), dropout, dense (relu), dropout, softmax; L2, as Keras has it,
 * on the kernels of the convolution and of the two dense layers.
 */
export function convLstm(options: ConvLstmOptions): Architecture {
  const { inputs, classes, filters, kernelSize, units, layers, denseUnits, passes } = options;
  const recurrent = Array.from({ length: layers }, (_, layer) => `lstm${layer + 1}`);
  return {
    weights: {
      ...kerasDense('convolution', kernelSize * inputs, filters, 1),
      // The kernel of a convolution counts its filters times its width as what goes out.
      convolutionKernel: {
        shape: [kernelSize * inputs, filters],
        initial: glorotUniform(kernelSize * inputs, kernelSize * filters),
        l2Factor: 1,
      },
      ...Object.fromEntries(
        recurrent.flatMap((name, layer) =>
          Object.entries(kerasLstm(name, layer === 0 ? filters : units, units)),
        ),
      ),
      ...kerasDense('dense1', units, denseUnits, 1),
      ...kerasDense('dense2', denseUnits, denseUnits, 1),
      ...kerasDense('output', denseUnits, classes),
    },
    dropouts: 2,
    heads: [{ name: 'normal', relabel: Array.from({ length: classes }, (_, label) => label) }],
    passes,
    headsOfPass: () => [0],
    logits(weight, x, _head, dropout) {
      let sequence: tf.Tensor = causalConvolution(
        x,
        weight('convolutionKernel'),
        weight('convolutionBias'),
        'relu',
      );
      recurrent.forEach((name, layer) => {
        sequence = lstm(
          sequence as tf.Tensor4D,
          weight<tf.Tensor3D>(`${name}Kernel`),
          weight<tf.Tensor3D>(`${name}RecurrentKernel`),
          weight<tf.Tensor2D>(`${name}Bias`),
          { returnSequences: layer < layers - 1 },
        );
      });
      for (const [layer, name] of ['dense1', 'dense2'].entries()) {
        const activated = tf.relu(dense(sequence, weight(`${name}Kernel`), weight(`${name}Bias`)));
        sequence = dropout(activated, layer);
      }
      return dense(sequence, weight('outputKernel'), weight('outputBias'));
    },
  };
}
