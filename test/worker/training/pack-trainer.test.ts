import { beforeAll, describe, expect, test } from 'vitest';
import { optimizerNames, type OptimizerName } from '../../../src/sweep/har/optimizers.js';
import { createRandom } from '../../../src/sweep/random.js';
import type { Architecture } from '../../../src/worker/training/architecture.js';
import { gruTwoStage } from '../../../src/worker/training/architectures/gru-two-stage.js';
import { convLstm } from '../../../src/worker/training/architectures/conv-lstm.js';
import { lstmDropout } from '../../../src/worker/training/architectures/lstm-dropout.js';
import { lstmStacked } from '../../../src/worker/training/architectures/lstm-stacked.js';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { PackTrainer, type MemberSettings } from '../../../src/worker/training/pack-trainer.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { largestDifference, wave } from './reference.js';

beforeAll(() => openBackend({ backend: 'wasm', kernels: 'auto' }));

const [steps, batch, inputs, classes, models] = [20, 10, 3, 6, 3] as const;
const size = steps * batch * inputs;

const architectures: [string, Architecture, OptimizerName, number][] = [
  ['two-stage GRU', gruTwoStage({ inputs, units: 5, passes: 1 }), 'rmsprop', 0],
  [
    'stacked LSTM',
    lstmStacked({ inputs, units: 5, layers: 2, passes: 1, inputActivation: 'relu', outputMean: 1 }),
    'adam',
    0.0015,
  ],
  [
    'bidirectional residual LSTM',
    lstmStacked({
      ...{ inputs, units: 4, layers: 2, passes: 1, inputActivation: 'relu', outputMean: 1 },
      ...{ bidirectional: true, residual: true },
    }),
    'adam',
    0.0015,
  ],
  [
    'convolution and LSTM',
    convLstm({ inputs, classes, filters: 4, kernelSize: 3, units: 5, layers: 2, denseUnits: 8, passes: 1 }),
    'adam',
    0.001,
  ],
  ['LSTM with dropout', lstmDropout({ inputs, classes, units: [5, 4], passes: 1 }), 'rmsprop-keras', 0],
];

/** Learning rates, penalties, dropout and seeds all differ. */
const settings = (l2: number, learningRate = 0.01): MemberSettings[] =>
  Array.from({ length: models }, (_, member) => ({
    learningRate: learningRate * (1 + member),
    l2: l2 * member,
    dropouts: [0.1 * member, 0.2],
    random: createRandom(7, member),
  }));

/** The batch of some members at some step. */
function batchOf(members: readonly number[], step: number): [tf.Tensor4D, tf.Tensor3D] {
  const x = members.flatMap((member) => [...wave(size, 100 * member + step).map((value) => 4 * value)]);
  const labels = members.flatMap((member) =>
    Array.from({ length: batch }, (_, row) => (row + member + step) % classes),
  );
  return [
    tf.tensor4d(x, [members.length, steps, batch, inputs]),
    tf.tidy(() => {
      const oneHot = tf.oneHot(tf.tensor2d(labels, [members.length, batch], 'int32'), classes);
      return tf.cast(oneHot as tf.Tensor3D, 'float32');
    }),
  ];
}

/** Trains members together, all heads in turn. @returns the loss of each at every step */
async function train(
  trainer: PackTrainer,
  heads: number,
  members: readonly number[],
  from: number,
  to: number,
): Promise<number[][]> {
  const losses: number[][] = [];
  for (let step = from; step < to; step++) {
    const [x, labels] = batchOf(members, step);
    const loss = trainer.step(step % heads, x, labels);
    losses.push([...(await loss.data())]);
    tf.dispose([x, labels, loss]);
  }
  return losses;
}

describe.each(architectures)('pack trainer - %s', (_, architecture, optimizer, l2) => {
  const heads = architecture.heads.length;

  test.each(optimizerNames)('a member of a pack learns by %s as it does alone', async (name) => {
    const options = { optimizer: name, clipNorm: 0.8 };
    const all = settings(l2, name === 'sgd' ? 0.05 : 0.01);
    const together = await train(new PackTrainer(architecture, options, all), heads, [0, 1, 2], 0, 20);
    for (let member = 0; member < models; member++) {
      const own = settings(l2, name === 'sgd' ? 0.05 : 0.01)[member]!;
      const alone = await train(new PackTrainer(architecture, options, [own]), heads, [member], 0, 20);
      const packed = together.map((losses) => losses[member]!);
      expect(largestDifference(packed, alone.flat())).toBeLessThan(1e-4);
    }
    // They did learn, and not the same.
    expect(together.at(-1)![0]).not.toBeCloseTo(together.at(-1)![1]!, 3);
  });

  test('a batch in parts teaches what the whole batch does', async () => {
    const options = { optimizer, clipNorm: 0.8 };
    const [whole, divided] = [settings(l2), settings(l2)].map(
      (own) => new PackTrainer(architecture, options, own),
    ) as [PackTrainer, PackTrainer];
    const before = tf.memory().numTensors;
    for (let step = 0; step < 20; step++) {
      const head = step % heads;
      const [x, labels] = batchOf([0, 1, 2], step);
      const loss = whole.step(head, x, labels);
      const parts = [0, 4, 7].map((first, part) => {
        const rows = [4, 3, 3][part]!;
        return {
          first,
          x: tf.slice(x, [0, 0, first, 0], [models, steps, rows, inputs]),
          labels: tf.slice(labels, [0, first, 0], [models, rows, classes]),
        };
      });
      const sum = divided.stepInParts(head, batch, parts, undefined);
      expect(largestDifference(await sum.data(), await loss.data())).toBeLessThan(1e-4);
      tf.dispose([x, labels, loss, sum, parts.map((part) => [part.x, part.labels])]);
    }
    for (const [name, weight] of Object.entries(whole.weights))
      expect(largestDifference(await divided.weights[name]!.data(), await weight.data())).toBeLessThan(1e-4);
    // Slots alone are more: one set a weight and trainer.
    const slots = [whole, divided].flatMap((trainer) =>
      trainer.optimizers.flatMap((one) => Object.values(one.slots).map((slot) => slot.size)),
    );
    expect(tf.memory().numTensors - before).toBe(slots.reduce((a, b) => a + b, 0));
    whole.dispose();
    divided.dispose();
  });

  test('a member that leaves does not disturb the others', async () => {
    const whole = await train(
      new PackTrainer(architecture, { optimizer }, settings(l2)),
      heads,
      [0, 1, 2],
      0,
      12,
    );
    const trainer = new PackTrainer(architecture, { optimizer }, settings(l2));
    const first = await train(trainer, heads, [0, 1, 2], 0, 6);
    trainer.keep([0, 2]);
    const rest = await train(trainer, heads, [0, 2], 6, 12);
    const expected = whole.slice(6).flatMap((losses) => [losses[0]!, losses[2]!]);
    expect(largestDifference(first.flat(), whole.slice(0, 6).flat())).toBeLessThan(1e-6);
    expect(largestDifference(rest.flat(), expected)).toBeLessThan(1e-4);
  });

  test('the loss goes down on a batch that it sees again and again', async () => {
    const members = settings(0).map((member) => ({ ...member, dropouts: [] }));
    const trainer = new PackTrainer(architecture, { optimizer }, members);
    const losses: number[][] = [];
    const [x, labels] = batchOf([0, 1, 2], 0);
    for (let step = 0; step < 120; step++) {
      const loss = trainer.step(heads - 1, x, labels);
      losses.push([...(await loss.data())]);
      loss.dispose();
    }
    for (let member = 0; member < models; member++)
      expect(losses.at(-1)![member]).toBeLessThan(0.9 * losses[0]![member]!);
  });

  test('tensors do not grow from step to step, and none is left after dispose', async () => {
    const before = tf.memory().numTensors;
    const trainer = new PackTrainer(architecture, { optimizer }, settings(l2));
    await train(trainer, heads, [0, 1, 2], 0, heads);
    const during = tf.memory().numTensors;
    await train(trainer, heads, [0, 1, 2], heads, heads + 4);
    expect(tf.memory().numTensors).toBe(during);
    trainer.keep([1]);
    await train(trainer, heads, [1], 0, 4);
    expect(tf.memory().numTensors).toBe(during);
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('pack trainer - a batch in parts has the penalty once, on weights of other heads too', async () => {
  const architecture = gruTwoStage({ inputs, units: 3, passes: 1 });
  const [whole, divided] = [1, 2].map(
    () => new PackTrainer(architecture, { optimizer: 'adam' }, settings(0.1).slice(1, 2)),
  ) as [PackTrainer, PackTrainer];
  const [x, labels] = batchOf([0], 0);
  for (let step = 0; step < 3; step++) {
    const parts = [0, 5].map((first) => ({
      first,
      x: tf.slice(x, [0, 0, first, 0], [1, steps, 5, inputs]),
      labels: tf.slice(labels, [0, first, 0], [1, 5, classes]),
    }));
    const [loss] = await whole.step(0, x, labels).data();
    const [sum] = await divided.stepInParts(0, batch, parts).data();
    expect(sum).toBeCloseTo(loss!, 5);
  }
  for (const [name, weight] of Object.entries(whole.weights))
    expect(largestDifference(await divided.weights[name]!.data(), await weight.data())).toBeLessThan(1e-4);
});

test('pack trainer - the loss of a step is the mean cross-entropy of the logits', async () => {
  const architecture = gruTwoStage({ inputs, units: 3, passes: 1 });
  const trainer = new PackTrainer(architecture, { optimizer: 'rmsprop' }, settings(0).slice(0, 1));
  const [x, labels] = batchOf([0], 0);
  const logits = await trainer.logits(1, x).data();
  const loss = await trainer.step(1, x, labels).data();
  const truth = await labels.data();
  let expected = 0;
  for (let row = 0; row < batch; row++) {
    const exps = [...logits.subarray(row * classes, (row + 1) * classes)].map(Math.exp);
    const sum = exps.reduce((a, b) => a + b, 0);
    exps.forEach((value, index) => {
      expected -= (truth[row * classes + index]! * Math.log(value / sum)) / batch;
    });
  }
  expect(loss[0]).toBeCloseTo(expected, 5);
});
