import { beforeAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import { gru, lstm } from '../../../src/worker/training/kernels/recurrent.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { largestDifference, reference, wave } from './reference.js';

const [steps, batch, inputs, units] = [4, 2, 3, 2] as const;

describe('recurrent cells - equal numpy', () => {
  beforeAll(() => openBackend({ backend: 'wasm', kernels: 'auto' }));

  const x = (): tf.Tensor4D => tf.tensor4d(wave(steps * batch * inputs, 0), [1, steps, batch, inputs]);

  test('an LSTM layer gives every h of the reference', async () => {
    const out = lstm(
      x(),
      tf.tensor3d(wave(inputs * 4 * units, 1), [1, inputs, 4 * units]),
      tf.tensor3d(wave(units * 4 * units, 2), [1, units, 4 * units]),
      tf.tensor2d(wave(4 * units, 3), [1, 4 * units]),
      { returnSequences: true },
    );
    expect(largestDifference(await out.data(), reference.cells.lstm.flat(2))).toBeLessThan(1e-5);
  });

  test.each([
    ['relu', reference.cells.gruRelu],
    ['tanh', reference.cells.gruTanh],
  ] as const)('a GRU layer with %s gives every h of the reference', async (activation, expected) => {
    const out = gru(
      x(),
      tf.tensor3d(wave(inputs * 3 * units, 1), [1, inputs, 3 * units]),
      tf.tensor3d(wave(units * 3 * units, 2), [1, units, 3 * units]),
      tf.tensor2d(wave(3 * units, 3), [1, 3 * units]),
      { form: 'reset-before', activation, returnSequences: true },
    );
    expect(largestDifference(await out.data(), expected.flat(2))).toBeLessThan(1e-5);
  });
});
