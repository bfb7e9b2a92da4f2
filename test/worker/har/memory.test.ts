import { describe, expect, test } from 'vitest';
import { gruTwoStage } from '../../../src/worker/training/architectures/gru-two-stage.js';
import { lstmStacked } from '../../../src/worker/training/architectures/lstm-stacked.js';
import { harClasses } from '../../../src/worker/datasets/window-dataset.js';
import { architectureOf } from '../../../src/worker/trainables/har-architecture.js';
import { harParameters } from '../../../src/sweep/har/parameters.js';
import { countParameters } from '../../../src/worker/training/weights.js';

/** Bytes that the author of the published sweeps measured, nhidden 1 to 25. */
const published = {
  // nhidden-bs800: three signals.
  3: [
    508, 680, 900, 1168, 1484, 1848, 2260, 2720, 3228, 3784, 4388, 5040, 5740, 6488, 7284, 8128, 9020, 9960,
    10948, 11984, 13068, 14200, 15380, 16608, 17884,
  ],
  // nhidden-bs2000: nine signals.
  9: [
    532, 728, 972, 1264, 1604, 1992, 2428, 2912, 3444, 4024, 4652, 5328, 6052, 6824, 7644, 8512, 9428, 10392,
    11404, 12464, 13572, 14728, 15932, 17184, 18484,
  ],
} as const;

describe.each([3, 9] as const)('memory - two-stage GRU, %i signals', (inputs) => {
  test.each(published[inputs].map((bytes, index) => [index + 1, bytes] as const))(
    'nhidden %i takes %i bytes, as published',
    (units, bytes) => {
      const { weights } = gruTwoStage({ inputs, units, passes: 200 });
      expect(4 * countParameters(weights)).toBe(bytes);
    },
  );
});

test('memory - the stacked LSTM has the weights of its formula', () => {
  const [inputs, n] = [9, 32];
  const { weights } = lstmStacked({
    inputs,
    units: n,
    layers: 2,
    passes: 1,
    inputActivation: 'relu',
    outputMean: 1,
  });
  const layer = 2 * n * 4 * n + 4 * n;
  expect(countParameters(weights)).toBe(inputs * n + n + 2 * layer + n * 6 + 6);
});

test('memory - the other published models have as many trainable parameters as published', () => {
  const count = (parameters: object): number =>
    countParameters(
      architectureOf(harParameters.parse(parameters), { channels: 9, classes: harClasses }).weights,
    );
  expect(count({ architecture: 'conv-lstm' })).toBe(244_998);
  expect(count({ architecture: 'lstm-dropout', nhidden: 128 })).toBe(71_430);
  expect(count({ architecture: 'lstm-dropout', layers: 2, nhidden: 128, nhidden2: 64 })).toBe(120_454);
});
