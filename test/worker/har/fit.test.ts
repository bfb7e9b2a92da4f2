import { beforeAll, describe, expect, test } from 'vitest';
import type { TrainingData } from '../../../src/worker/datasets/training-data.js';
import { architectureOf } from '../../../src/worker/trainables/har-architecture.js';
import { loadTrainingData } from '../../../src/worker/trainables/har-data.js';
import { fitIntoMemory, measureSteps, type HarSetting } from '../../../src/worker/trainables/har-memory.js';
import { harParameters } from '../../../src/sweep/har/parameters.js';
import har from '../../../src/worker/trainables/har.js';
import { openBackend } from '../../../src/worker/training/backends/open-backend.js';
import type { TrainingBackend } from '../../../src/worker/training/backends/backend.js';
import { member, trainingContext, type TestMember } from './training-context.js';

const mega = 2 ** 20;
const members = [0, 1, 2, 3];
let backend: TrainingBackend;

beforeAll(async () => {
  backend = await openBackend({ backend: 'wasm', kernels: 'auto' });
});

async function settingOf(given: object): Promise<HarSetting> {
  const parameters = harParameters.parse({ dataset: 'synthetic-har', ...given });
  const data = await loadTrainingData(parameters, trainingContext());
  return { parameters, data, backend, architecture: architectureOf(parameters, data) };
}

describe('fit - how trials train in the memory that they may take', () => {
  test('small ones together, whole', async () => {
    const setting = await settingOf({ nhidden: 4, batchSize: 20 });
    const whole = { groups: [members], isSplit: false, batchParts: 1 };
    expect(await fitIntoMemory(setting, members, undefined)).toEqual(whole);
    expect(await fitIntoMemory(setting, members, 400 * mega)).toEqual(whole);
  });

  test('larger ones in groups, with whole batches', async () => {
    const setting = await settingOf({ nhidden: 32, batchSize: 400 });
    const fit = await fitIntoMemory(setting, members, 64 * mega);
    expect(fit.groups.length).toBeGreaterThan(1);
    expect(fit.groups.flat()).toEqual(members);
    expect(fit).toMatchObject({ isSplit: false, batchParts: 1 });
    expect(fit.windowsAtOnce).toBeGreaterThanOrEqual(400);
  });

  test('where one does not fit whole, each alone and its batches in parts', async () => {
    const setting = await settingOf({ nhidden: 32, batchSize: 400 });
    const fit = await fitIntoMemory(setting, members, 8 * mega);
    expect(fit.groups).toEqual([[0], [1], [2], [3]]);
    expect(fit.isSplit).toBe(true);
    expect(fit.batchParts).toBe(Math.ceil(400 / fit.windowsAtOnce!));
    expect(fit.batchParts).toBeGreaterThan(1);
  });

  test('where a single window does not fit, not at all', async () => {
    const setting = await settingOf({ nhidden: 32, batchSize: 400 });
    await expect(fitIntoMemory(setting, members, mega / 16)).rejects.toMatchObject({
      name: 'OutOfMemoryError',
      message: expect.stringMatching(/^a step on a single window would take .* may be taken/) as unknown,
    });
    const wide = { architecture: 'lstm-stacked', nhidden: 1024, layers: 16, batchSize: 1 };
    await expect(fitIntoMemory(await settingOf(wide), [0], 1024 * mega)).rejects.toThrow('a single window');
  });
});

describe('fit - what is wide beside nhidden counts, too', () => {
  const windows = (steps: number, channels: number, count: number): TrainingData => {
    const values = new Float32Array(steps * count * channels);
    const part = { count, values, labels: new Uint8Array(count) };
    const classes = ['a', 'b', 'c', 'd', 'e', 'f'];
    return { name: 'zeros', steps, channels, classes, train: part, selection: part, test: part };
  };
  test.each([
    ['filters', { architecture: 'conv-lstm', nhidden: 1, denseUnits: 1, filters: 1024, dropout: 0 }],
    ['kernelSize', { architecture: 'conv-lstm', nhidden: 1, denseUnits: 1, filters: 1, kernelSize: 64 }],
  ])('%s', async (_, given) => {
    const parameters = harParameters.parse({ batchSize: 64, ...given });
    const data = windows(16, 9, 64);
    const setting = { parameters, data, backend, architecture: architectureOf(parameters, data) };
    const { bytes } = await measureSteps(setting, 1, 64, 0);
    const fit = await fitIntoMemory(setting, [0], bytes / 1.5);
    expect(fit.isSplit).toBe(true);
    const { bytes: ofPart } = await measureSteps(setting, 1, fit.windowsAtOnce!, 0);
    expect(ofPart).toBeLessThan(bytes / 1.5);
  });

  test('a first layer of two, where small batches show the weights alone', async () => {
    const wide = { architecture: 'lstm-dropout', layers: 2, nhidden: 160, nhidden2: 160, dropout: 0 };
    const parameters = harParameters.parse({ batchSize: 1000, dataset: 'wearable-stream', ...wide });
    const data = windows(8, 4, 1000);
    const setting = { parameters, data, backend, architecture: architectureOf(parameters, data) };
    const { bytes } = await measureSteps(setting, 1, 1000, 0);
    expect((await fitIntoMemory(setting, [0], bytes / 1.5)).isSplit).toBe(true);
  });
});

test.each([
  ['gru-two-stage', { shuffle: 'once', optimizer: 'rmsprop' }],
  ['lstm-stacked', { l2: 0.0015, dropout: 0.3, shuffle: true }],
  ['conv-lstm', { filters: 4, denseUnits: 4, l2: 0.001 }],
  ['lstm-dropout', { layers: 2, nhidden2: 8, clipNorm: 0.5 }],
])('fit - %s in parts stays within its memory and gives what it gives whole', async (architecture, more) => {
  const given = { dataset: 'synthetic-har', architecture, nhidden: 12, batchSize: 300, lr: 0.003, passes: 2 };
  const create = (): TestMember[] =>
    [5, 6].map((seed, number) => member(number, seed, { ...given, ...more }));
  const whole = create();
  await har.train({ members: whole }, trainingContext());
  const divided = create();
  const lines: string[] = [];
  const memoryBytes = 3 * mega;
  const context = { ...trainingContext(), memoryBytes, log: (line: string) => void lines.push(line) };
  await har.train({ members: divided }, context);
  expect(lines.join('\n')).toMatch(
    /^batches of 300 windows do not fit into .*: each is trained in \d+ parts of \d+$/,
  );
  divided.forEach(({ outcome }, index) => {
    const expected = whole[index]!.outcome;
    expect(outcome.failed).toBeUndefined();
    outcome.reports.forEach(({ metrics }, pass) =>
      expect(metrics['loss']! / expected.reports[pass]!.metrics['loss']!).toBeCloseTo(1, 3),
    );
    const { metrics, details } = outcome.completed!;
    expect((details as { batchParts: number }).batchParts).toBeGreaterThan(1);
    expect(expected.completed!.details).not.toHaveProperty('batchParts');
    expect(metrics['peakMemory']).toBeLessThan(1.1 * memoryBytes);
    expect(metrics['peakMemory']).toBeLessThan(0.7 * expected.completed!.metrics['peakMemory']!);
  });
});
