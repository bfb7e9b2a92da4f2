import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import har from '../../../src/worker/trainables/har.js';
import * as tf from '../../../src/worker/training/tfjs.js';
import { member, trainingContext, type TestMember } from './training-context.js';

const quick = { dataset: 'synthetic-har', nhidden: 4, lr: 0.01, batchSize: 60, optimizer: 'adam', passes: 2 };
const train = (...members: TestMember[]): Promise<void> => har.train({ members }, trainingContext());

describe('har - a trial on generated signals', () => {
  test('reports every pass, and completes with all metrics and details', async () => {
    const one = member(0, 1, quick);
    await train(one);
    const { reports, completed, failed } = one.outcome;
    expect(failed).toBeUndefined();
    expect(reports.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { metrics } of reports.slice(0, 2))
      expect(Object.keys(metrics).sort()).toEqual(['easierAccuracy', 'loss', 'memory', 'peakMemory', 'time']);
    for (const { metrics } of reports.slice(2)) {
      expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      expect(Object.keys(metrics).sort()).toEqual([
        'accuracy',
        'f1',
        'loss',
        'meanAbsoluteError',
        'memory',
        'peakMemory',
        'precision',
        'recall',
        'time',
        'validationLoss',
      ]);
    }
    expect(completed!.metrics).toMatchObject({ memory: 1264, accuracy: reports.at(-1)!.metrics['accuracy'] });
    expect(completed!.metrics['testAccuracy']).toBeGreaterThan(0);
    expect(completed!.metrics['time']).toBeGreaterThan(0);
    expect(completed!.metrics['peakMemory']).toBeGreaterThan(128 * 60 * 9 * 4);

    const details = completed!.details as {
      selectOn: string;
      windows: Record<'train' | 'selection' | 'test', number>;
      confusion: number[][];
      testConfusion: number[][];
      testQuality: Record<string, number>;
    };
    const total = (matrix: number[][]): number => matrix.flat().reduce((a, b) => a + b, 0);
    expect(details.selectOn).toBe('validation');
    expect(total(details.confusion)).toBe(details.windows.selection);
    expect(total(details.testConfusion)).toBe(details.windows.test);
    expect(details.testQuality['accuracy']).toBe(completed!.metrics['testAccuracy']);
    expect(Object.keys(details.testQuality).sort()).toEqual([
      'accuracy',
      'f1',
      'meanAbsoluteError',
      'precision',
      'recall',
    ]);
    const hits = details.confusion.reduce((sum, row, label) => sum + row[label]!, 0);
    expect(hits / details.windows.selection).toBeCloseTo(completed!.metrics['accuracy']!, 12);
  });

  test('selecting on the test set says so and has no second accuracy', async () => {
    const one = member(0, 1, { ...quick, selectOn: 'test', passes: 1, evaluateEvery: 3 });
    await train(one);
    const { reports, completed } = one.outcome;
    expect(completed!.metrics).not.toHaveProperty('testAccuracy');
    expect(completed!.metrics).toHaveProperty('testLoss');
    expect(completed!.details).toMatchObject({ selectOn: 'test' });
    expect(reports.map(({ metrics }) => 'accuracy' in metrics)).toEqual([false, false, true]);
  });

  test('the same seed gives the same result, another seed another', async () => {
    const members = [5, 5, 6].map((seed, number) => member(number, seed, { ...quick, passes: 1 }));
    for (const one of members) await train(one);
    const losses = members.map(({ outcome }) => outcome.reports.map(({ metrics }) => metrics['loss']));
    expect(losses[1]).toEqual(losses[0]);
    expect(losses[2]).not.toEqual(losses[0]);
  });

  test.each([
    ['gru-two-stage', {}],
    ['lstm-stacked', { batchSize: 400, l2: 0.0015, passes: 3, shuffle: false }],
    ['lstm-stacked', { batchSize: 400, passes: 3, shuffle: true, dropout: 0.3 }],
    ['conv-lstm', { batchSize: 400, filters: 4, denseUnits: 4, schedule: 'cosine', warmup: 1 }],
    ['lstm-dropout', { batchSize: 400, layers: 2, nhidden2: 3, clipNorm: 0.5, optimizer: 'adamw' }],
  ])('%s with %j: packed trials give what they give alone', async (architecture, more) => {
    const parameters = { ...quick, architecture, ...more };
    const rates = [0.002, 0.005, 0.01];
    const create = (): TestMember[] =>
      rates.map((lr, number) => member(number, 10 + number, { ...parameters, lr }));
    const packed = create();
    await train(...packed);
    const alone = create();
    for (const one of alone) await train(one);
    packed.forEach((one, index) => {
      const [a, b] = [one, alone[index]!].map(({ outcome }) => outcome.reports);
      a!.forEach(({ metrics }, pass) =>
        expect(metrics['loss']! / b![pass]!.metrics['loss']!).toBeCloseTo(1, 3),
      );
      expect(one.outcome.completed).toBeDefined();
    });
  });

  test('packed trials with and without L2 give what they give alone, weights that a head leaves alone too', async () => {
    const parameters = { ...quick, optimizer: 'adamw', weightDecay: 5 };
    const create = (): TestMember[] =>
      [0, 0.001].map((l2, number) => member(number, 10 + number, { ...parameters, l2 }));
    const packed = create();
    await train(...packed);
    const alone = create();
    for (const one of alone) await train(one);
    const losses = ({ outcome }: TestMember): number[] =>
      outcome.reports.map(({ metrics }) => metrics['loss']!);
    packed.forEach((one, index) => expect(losses(one)).toEqual(losses(alone[index]!)));
  });

  test('a member that is aborted leaves the pack, without a result, and the others go on', async () => {
    const members = [0, 1, 2].map((number) => member(number, number, quick));
    const context = trainingContext({}, (one, step) => {
      if (one.number === 1 && step === 2) one.controller.abort();
    });
    await har.train({ members }, context);
    expect(members[1]!.outcome.reports.map(({ step }) => step)).toEqual([1, 2]);
    expect(members[1]!.outcome.completed).toBeUndefined();
    for (const number of [0, 2]) {
      expect(members[number]!.outcome.reports).toHaveLength(6);
      expect(members[number]!.outcome.completed).toBeDefined();
    }
  });

  test('a trial that is aborted at once trains nothing', async () => {
    const one = member(0, 1, quick);
    one.controller.abort();
    await train(one);
    expect(one.outcome).toEqual({ reports: [] });
  });

  test('a loss that is no number any more fails the trial as its own fault, and the others go on', async () => {
    const bad = member(0, 1, { ...quick, lr: 1e30 });
    const good = member(1, 2, quick);
    await train(bad, good);
    expect(bad.outcome.completed).toBeUndefined();
    expect(bad.outcome.failed).toMatchObject({
      name: 'TrialError',
      message: 'the loss is no number any more after pass 1 of 6 (lr 1e+30)',
    });
    expect(good.outcome.completed).toBeDefined();
  });

  test('stops where the accuracy passes stopAt, and says so; the others go on', async () => {
    const parameters = { ...quick, architecture: 'lstm-dropout', passes: 6, evaluateEvery: 1, stopAt: 0.3 };
    const members = [
      member(0, 1, { ...parameters, lr: 0.02, dropout: 0 }),
      member(1, 1, { ...parameters, lr: 1e-9 }),
    ];
    await train(...members);
    const [fast, slow] = members.map(({ outcome }) => outcome);
    const accuracies = fast!.reports.map(({ metrics }) => metrics['accuracy']!);
    expect(accuracies.at(-1)).toBeGreaterThan(0.3);
    expect(accuracies.slice(0, -1).every((accuracy) => accuracy <= 0.3)).toBe(true);
    expect(accuracies.length).toBeLessThan(6);
    expect(fast!.completed!.metrics).toHaveProperty('testAccuracy');
    expect(fast!.completed!.details).toMatchObject({
      passes: accuracies.length,
      stopped: expect.stringMatching(/^accuracy 0\.\d+ is above stopAt 0\.3$/) as unknown,
    });
    expect(slow!.reports).toHaveLength(6);
    expect(slow!.completed!.details).toMatchObject({ passes: 6 });
    expect(slow!.completed!.details).not.toHaveProperty('stopped');
  });

  test('patience ends a trial that gets no better', async () => {
    const parameters = { ...quick, architecture: 'lstm-stacked', passes: 9, shuffle: true, batchSize: 400 };
    const one = member(0, 1, { ...parameters, lr: 1e-9, patience: 2, monitor: 'accuracy', evaluateEvery: 2 });
    await train(one);
    expect(one.outcome.reports).toHaveLength(6);
    expect(one.outcome.completed!.details).toMatchObject({
      passes: 6,
      stopped: 'no better accuracy in 2 evaluations (patience)',
    });
  });

  test('a learning-rate range test reports loss and rate of every step, and may end in infinity', async () => {
    const parameters = {
      ...quick,
      architecture: 'lstm-stacked',
      shuffle: true,
      partialBatch: true,
      batchSize: 200,
      optimizer: 'sgd',
    };
    const one = member(0, 1, { ...parameters, passes: 5, lrRange: [1e-3, 1e9] });
    await train(one);
    const { reports, failed } = one.outcome;
    expect(failed).toBeUndefined();
    expect(reports.map(({ step }) => step)).toEqual(reports.map((_, index) => index + 1));
    expect(reports.length).toBeGreaterThan(5);
    reports.forEach(({ metrics }, index) => {
      expect(Object.keys(metrics)).toEqual(['loss', 'learningRate']);
      if (index > 0) {
        const grown = metrics['learningRate']! / reports[index - 1]!.metrics['learningRate']!;
        expect(grown).toBeCloseTo(1e12 ** (1 / 25), 6);
      }
    });
  });

  test('a batch larger than the train set is refused', async () => {
    await expect(train(member(0, 1, { ...quick, batchSize: 5000 }))).rejects.toMatchObject({
      name: 'TrialError',
      message: expect.stringMatching(/^batchSize 5000 is more than the \d+ windows to train on$/) as unknown,
    });
  });

  test('no tensor is left behind', async () => {
    await train(member(0, 1, { ...quick, passes: 1 }));
    expect(tf.memory().numTensors).toBe(0);
  });
});

const realData = resolve(process.env['SWEEPYARD_TEST_DATA'] ?? '../shared/data');
const realZip = join(realData, 'uci-har.zip');
if (!existsSync(realZip)) console.warn(`skipped: training on real data, for there is no ${realZip}`);

describe.skipIf(!existsSync(realZip))('har - a trial on UCI HAR', () => {
  test('learns to tell the activities of people it has not seen apart', { timeout: 120_000 }, async () => {
    const parameters = { nhidden: 12, lr: 0.01, batchSize: 200, optimizer: 'adam', passes: 2 };
    const one = member(0, 1, parameters);
    const cacheDirectory = mkdtempSync(join(tmpdir(), 'sweepyard-cache-'));
    try {
      await har.train({ members: [one] }, trainingContext({ dataPath: realZip, cacheDirectory }));
    } finally {
      rmSync(cacheDirectory, { recursive: true, force: true });
    }
    expect(one.outcome.completed!.metrics['accuracy']).toBeGreaterThan(0.75);
    expect(one.outcome.completed!.metrics['testAccuracy']).toBeGreaterThan(0.65);
  });
});

const hasStream = existsSync(join(realData, 'wearable-stream-a.csv'));
if (!hasStream) console.warn(`skipped: training on the wearable stream, for it is not in ${realData}`);

describe.skipIf(!hasStream)('har - a trial on the wearable stream', () => {
  const parameters = {
    dataset: 'wearable-stream',
    architecture: 'lstm-stacked',
    windowSteps: 60,
    windows: 1000,
    nhidden: 8,
    lr: 0.02,
    batchSize: 60,
    dropout: 0.2,
    passes: 6,
  };

  test.each(['test', 'validation'])('selected on %s, is measured on other people too', async (selectOn) => {
    const one = member(0, 1, { ...parameters, selectOn });
    await har.train({ members: [one] }, trainingContext({ dataPath: realData }));
    const { metrics, details } = one.outcome.completed!;
    expect(metrics['accuracy']).toBeGreaterThan(0.6);
    for (const name of ['otherAccuracy', 'otherF1']) expect(metrics[name]).toBeGreaterThan(0.3);
    expect('testAccuracy' in metrics).toBe(selectOn === 'validation');
    const { otherConfusion } = details as { otherConfusion: number[][] };
    const total = otherConfusion.flat().reduce((a, b) => a + b, 0);
    const hits = otherConfusion.reduce((sum, row, label) => sum + row[label]!, 0);
    expect(total).toBe(1000);
    expect(hits / total).toBeCloseTo(metrics['otherAccuracy']!, 12);
  });
});
