import { beforeAll, describe, expect, test } from 'vitest';
import type { Architecture } from '../../../src/worker/training/architecture.js';
import { createRandom } from '../../../src/sweep/random.js';
import { convLstm } from '../../../src/worker/training/architectures/conv-lstm.js';
import { gruTwoStage } from '../../../src/worker/training/architectures/gru-two-stage.js';
import { lstmDropout } from '../../../src/worker/training/architectures/lstm-dropout.js';
import { lstmStacked } from '../../../src/worker/training/architectures/lstm-stacked.js';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { noDropout } from '../../../src/worker/training/dropout.js';
import { addonBuild } from '../../../src/worker/training/kernels/native-module.js';
import { PackTrainer } from '../../../src/worker/training/pack-trainer.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { torchReference, wave } from './reference.js';

beforeAll(() => openBackend({ backend: 'wasm', kernels: 'auto' }));

const [steps, batch, inputs, classes] = [7, 5, 3, 4] as const;

/** Loss and gradients of a network whose weights are waves, as torch-reference.py has it. */
function lossAndGradients(architecture: Architecture, l2: number): { loss: number; gradients: number[] } {
  return tf.tidy(() => {
    const specs = Object.entries(architecture.weights);
    const weights = specs.map(([, { shape }], index) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return tf.tensor(wave(size, index + 1), [1, ...shape]);
    });
    const x = tf.tensor4d(wave(steps * batch * inputs, 0), [1, steps, batch, inputs]);
    const targets = Array.from({ length: batch }, (_, row) => row % classes);
    const labels = tf.cast(tf.oneHot(tf.tensor1d(targets, 'int32'), classes), 'float32');
    const compute = (...values: tf.Tensor[]): tf.Scalar => {
      const named = new Map(specs.map(([name], index) => [name, values[index]!]));
      const weightOf = <T extends tf.Tensor>(name: string): T => named.get(name) as T;
      const logits = tf.squeeze(architecture.logits(weightOf, x, 0, noDropout), [0]);
      const entropy = tf.div(tf.sum(tf.mul(labels, tf.logSoftmax(logits))), -batch);
      const squares = specs.map(([, { l2Factor = 0.5 }], index) =>
        tf.mul(tf.sum(tf.square(values[index]!)), l2 * l2Factor),
      );
      return tf.add(entropy, tf.addN(squares as tf.Scalar[]));
    };
    const { value, grads } = tf.valueAndGrads(compute)(weights);
    return {
      loss: value.dataSync()[0]!,
      gradients: grads.map((gradient) => tf.sum(tf.square(gradient)).dataSync()[0]!),
    };
  });
}

const stacked = (layers: number, bidirectional: boolean, residual: boolean): Architecture =>
  lstmStacked({
    ...{ inputs, classes, units: 5, layers, passes: 1, bidirectional, residual },
    ...{ inputActivation: 'relu', outputMean: 1 },
  });

test.each<[string, Architecture, number]>([
  ['lstmStacked', stacked(2, false, false), 0.0015],
  ['bidirectional', stacked(2, true, false), 0.0015],
  ['residual', stacked(3, false, true), 0.0015],
  ['bidirectional and residual', stacked(3, true, true), 0.0015],
  [
    'convLstm',
    convLstm({ inputs, classes, filters: 4, kernelSize: 3, units: 5, layers: 2, denseUnits: 6, passes: 1 }),
    0.001,
  ],
  ['lstmDropout', lstmDropout({ inputs, classes, units: [5], passes: 1 }), 0],
  ['lstmDropoutTwice', lstmDropout({ inputs, classes, units: [5, 4], passes: 1 }), 0],
])("networks - %s has PyTorch's loss and gradients", (name, architecture, l2) => {
  const expected = torchReference.networks[name]!;
  const { loss, gradients } = lossAndGradients(architecture, l2);
  expect(loss).toBeCloseTo(expected.loss, 5);
  expect(gradients).toHaveLength(expected.gradients.length);
  gradients.forEach((gradient, index) => {
    const truth = expected.gradients[index]!;
    expect(Math.abs(gradient - truth)).toBeLessThan(1e-4 * truth + 1e-12);
  });
});

const common = { inputs, classes, passes: 1 };
const notNumbers: [string, Architecture][] = [
  ['gruTwoStage', gruTwoStage({ inputs, units: 5, passes: 1 })],
  ['lstmStacked', stacked(2, true, true)],
  ['convLstm', convLstm({ ...common, filters: 4, kernelSize: 3, units: 5, layers: 2, denseUnits: 6 })],
  ['lstmDropout', lstmDropout({ ...common, units: [5, 4] })],
];
describe.each(['native', 'wasm', 'reference'])('networks - with %s kernels', (kernels) => {
  // Of either sign: processors make the one, JavaScript the other.
  const bits = [0x7fc0_0000, -0x40_0000];

  test.each(notNumbers)('%s with a weight that is no number has a loss that is none', async (_, network) => {
    if (kernels === 'native' && addonBuild() === undefined) return;
    await openBackend({ backend: 'wasm', kernels });
    const { heads } = network;
    for (const name of Object.keys(network.weights))
      for (const nan of bits) {
        const settings = { learningRate: 0.01, l2: 0, random: createRandom(1) };
        const trainer = new PackTrainer(network, { optimizer: 'adam' }, [settings]);
        const weight = trainer.weights[name]!;
        const values = new Float32Array(new Int32Array(weight.size).fill(nan).buffer);
        tf.tidy(() => weight.assign(tf.tensor(values, weight.shape)));
        const losses = tf.tidy(() => {
          const x = tf.tensor4d(wave(steps * batch * inputs, 0), [1, steps, batch, inputs]);
          const rows = Array.from({ length: batch }, (_, row) => row % classes);
          const width = heads[0]!.relabel.length;
          const labels = tf.cast(tf.oneHot(tf.tensor2d([rows], [1, batch], 'int32'), width), 'float32');
          return heads.map((_, head) => trainer.step(head, x, labels as tf.Tensor3D).dataSync()[0]!);
        });
        trainer.dispose();
        // A head may do without the weights of another one.
        expect(losses.some(Number.isNaN), `${name} ${nan}: ${losses.join()}`).toBe(true);
      }
  });
});

describe('networks - first weights', () => {
  test('of conv-lstm and lstm-dropout are those of Keras', () => {
    const { weights } = lstmDropout({ inputs: 9, classes: 6, units: [128], passes: 1 });
    expect(Object.keys(weights)).toEqual([
      'lstm1Kernel',
      'lstm1RecurrentKernel',
      'lstm1Bias',
      'outputKernel',
      'outputBias',
    ]);
    const random = { next: () => 0.5, below: () => 0, normal: () => 0 };
    const bias = [...weights['lstm1Bias']!.initial(512, random)];
    expect(bias.map((value, index) => (value === 1 ? index : -1)).filter((index) => index >= 0)).toEqual(
      Array.from({ length: 128 }, (_, index) => 128 + index),
    );
  });
});
