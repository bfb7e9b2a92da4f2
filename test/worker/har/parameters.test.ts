import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { harClasses } from '../../../src/worker/datasets/window-dataset.js';
import { architectureOf } from '../../../src/worker/trainables/har-architecture.js';
import { architectureNames } from '../../../src/sweep/har/architectures.js';
import { evaluationInterval, harParameters } from '../../../src/sweep/har/parameters.js';
import har from '../../../src/worker/trainables/har.js';

describe('har parameters - defaults', () => {
  test('are those of the published two-stage GRU', () => {
    expect(harParameters.parse({})).toMatchObject({
      dataset: 'uci-har',
      signals: ['body_acc', 'body_gyro', 'total_acc'],
      alignment: 'none',
      selectOn: 'validation',
      architecture: 'gru-two-stage',
      nhidden: 16,
      lr: 0.0025,
      batchSize: 800,
      optimizer: 'rmsprop',
      passes: 200,
      l2: 0,
      shuffle: true,
      mergedLabels: 'always',
    });
  });

  test('are those of the published stacked LSTM', () => {
    expect(harParameters.parse({ architecture: 'lstm-stacked' })).toMatchObject({
      nhidden: 32,
      batchSize: 1500,
      optimizer: 'adam',
      passes: 300,
      l2: 0.0015,
      shuffle: false,
      layers: 2,
      inputActivation: 'relu',
      outputMean: 1,
    });
  });

  test('signals may be one text, as in a space', () => {
    expect(harParameters.parse({ signals: 'total_acc, body_gyro' }).signals).toEqual([
      'total_acc',
      'body_gyro',
    ]);
  });

  test('what a mistake would be is none where it says nothing', () => {
    const none = { architecture: 'lstm-dropout', l2: 0, shuffle: 'once', partialBatch: false };
    expect(harParameters.safeParse(none).success).toBe(true);
  });

  test('every architecture that takes L2 has weights that it pulls at, and no other has', () => {
    const data = { channels: 9, classes: harClasses };
    for (const architecture of architectureNames) {
      const { weights } = architectureOf(harParameters.parse({ architecture }), data);
      const penalised = Object.values(weights).some(({ l2Factor = 0.5 }) => l2Factor > 0);
      expect(harParameters.safeParse({ architecture, l2: 0.1 }).success, architecture).toBe(penalised);
    }
  });

  test('a curve has about a hundred evaluations unless told', () => {
    expect(evaluationInterval(harParameters.parse({}), 600)).toBe(6);
    expect(evaluationInterval(harParameters.parse({}), 90)).toBe(1);
    expect(evaluationInterval(harParameters.parse({ evaluateEvery: 4 }), 600)).toBe(4);
  });
});

describe('har parameters - mistakes', () => {
  test.each([
    [{ nhiden: 4 }, /har has no parameter "nhiden" \(did you mean "nhidden"\?\)/],
    [
      { learningRate: 0.1, batchsize: 4 },
      /"learningRate"; har has no parameter "batchsize" \(did you mean "batchSize"\?\)/,
    ],
    [{ nhidden: 0 }, /expected number to be >0[\s\S]*nhidden/],
    [{ nhidden: 2.5 }, /expected int[\s\S]*nhidden/],
    [{ lr: 0 }, /expected number to be >0[\s\S]*lr/],
    [{ lr: '0.1' }, /expected number[\s\S]*lr/],
    [{ dataset: 'ucihar' }, /uci-har[\s\S]*dataset/],
    [{ optimizer: 'sgdm' }, /rmsprop[\s\S]*optimizer/],
    [{ signals: [] }, /names at least one[\s\S]*signals/],
    [{ signals: ['total_acc', 'total_acc'] }, /names a signal twice[\s\S]*signals/],
    [{ signals: ['acc'] }, /signals/],
    [
      { alignment: 'gravity' },
      /gravity needs signals: \[total_acc\], for there is no gravity in body_acc, body_gyro/,
    ],
    [
      { layers: 2 },
      /is a parameter of architecture lstm-stacked, conv-lstm, lstm-dropout; gru-two-stage has none[\s\S]*layers/,
    ],
    [
      { architecture: 'conv-lstm', outputMean: 1 },
      /architecture lstm-stacked; conv-lstm has none[\s\S]*outputMean/,
    ],
    [
      { dataset: 'wearable-stream', signals: ['total_acc'] },
      /wearable-stream has X, Y, Z and P[\s\S]*signals/,
    ],
    [{ dataset: 'wearable-stream' }, /wearable-stream has four[\s\S]*architecture/],
    [{ windowSteps: 64 }, /is of data set wearable-stream; uci-har is cut already[\s\S]*windowSteps/],
    [{ momentum: 0.9 }, /is none of optimizer rmsprop, which has decay, epsilon[\s\S]*momentum/],
    [{ dropout: 0.2 }, /gru-two-stage has none[\s\S]*dropout/],
    [{ architecture: 'lstm-dropout', dropout: 1 }, /expected number to be <1[\s\S]*dropout/],
    [{ architecture: 'lstm-dropout', nhidden2: 8 }, /needs layers: 2[\s\S]*nhidden2/],
    [{ architecture: 'lstm-dropout', layers: 3 }, /is 1 or 2[\s\S]*layers/],
    [
      { architecture: 'lstm-dropout', l2: 0.001 },
      /must be 0 with architecture lstm-dropout, which has no L2 penalty; it is 0.001[\s\S]*l2/,
    ],
    [{ shuffle: 'once', partialBatch: true }, /needs shuffle: true, .*; it is once[\s\S]*partialBatch/],
    [
      { architecture: 'lstm-stacked', partialBatch: true },
      /needs shuffle: true, .*; it is false[\s\S]*partialBatch/,
    ],
    [
      { shuffle: false, shuffleBuffer: 100 },
      /says how shuffle: true draws a new order; it is false[\s\S]*shuffleBuffer/,
    ],
    [{ shuffleBuffer: 1 }, /expected number to be >=2[\s\S]*shuffleBuffer/],
    [{ decayRate: 0.5 }, /needs schedule: exponential or step; it is constant[\s\S]*decayRate/],
    [{ warmup: 200 }, /takes 200 of 200 passes[\s\S]*warmup/],
    [{ stopAt: 92 }, /expected number to be <=1[\s\S]*stopAt/],
    [{ monitor: 'loss' }, /which is not given[\s\S]*monitor/],
    [{ lrRange: [1e-5, 1e-1], warmup: 2 }, /does not go with lrRange[\s\S]*warmup/],
  ])('%j', (parameters, message) => {
    const { error } = harParameters.safeParse(parameters);
    expect(error && z.prettifyError(error)).toMatch(message);
  });
});

describe('har parameters - pack key', () => {
  const key = (parameters: object): string | undefined => har.packKey?.(harParameters.parse(parameters));

  test('is the same where learning rate and L2 differ', () => {
    expect(key({ lr: 0.1, l2: 0.1 })).toBe(key({ lr: 0.2 }));
  });

  test('is the same where dropout and the constants of the optimizer differ', () => {
    const lstm = { architecture: 'lstm-dropout', layers: 2 };
    expect(key({ ...lstm, dropout: 0.1, dropout2: 0.3, decay: 0.8 })).toBe(key({ ...lstm, epsilon: 0.1 }));
  });

  test.each([{ nhidden: 4 }, { batchSize: 20 }, { optimizer: 'adam' }, { selectOn: 'test' }, { passes: 3 }])(
    'is another with %j',
    (parameters) => expect(key(parameters)).not.toBe(key({})),
  );
});
