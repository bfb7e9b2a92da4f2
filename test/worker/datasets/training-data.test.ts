import { describe, expect, test } from 'vitest';
import { splitBySubject } from '../../../src/worker/datasets/split.js';
import { generateSyntheticHar } from '../../../src/worker/datasets/synthetic-har.js';
import { prepareTrainingData, type PreparationOptions } from '../../../src/worker/datasets/training-data.js';
import {
  classCounts,
  harChannels,
  type LabelledWindows,
} from '../../../src/worker/datasets/window-dataset.js';
import { rotateToCanonicalFrame } from '../../../src/worker/datasets/rotation.js';

const dataset = generateSyntheticHar();
const plain: PreparationOptions = {
  signals: ['total_acc'],
  alignment: 'none',
  selectOn: 'test',
  splitSeed: 1,
};

describe('synthetic-har', () => {
  test('is the same at every call, another with another seed', () => {
    const bytes = ({ train }: typeof dataset): Buffer => Buffer.from(train.values.buffer);
    expect(bytes(generateSyntheticHar()).equals(bytes(dataset))).toBe(true);
    expect(bytes(generateSyntheticHar(2)).equals(bytes(dataset))).toBe(false);
  });

  test('has every class equally often, and nobody in both sets', () => {
    expect(classCounts(dataset.train, 6)).toEqual(new Array(6).fill(dataset.train.count / 6));
    expect(classCounts(dataset.test, 6)).toEqual(new Array(6).fill(dataset.test.count / 6));
    const trained = new Set(dataset.train.subjects);
    expect([...dataset.test.subjects].some((subject) => trained.has(subject))).toBe(false);
  });

  test('says that it was generated', () => expect(dataset.description).toMatch(/generated/i));

  test('is plausible: gravity is about 1 g, and laying lies', () => {
    const { values, labels, count } = dataset.test;
    const total = harChannels.indexOf('total_acc_x');
    for (let row = 0; row < count; row += 7) {
      const mean = [0, 1, 2].map((axis) => {
        let sum = 0;
        for (let step = 0; step < 128; step++) sum += values[(row * 128 + step) * 9 + total + axis]!;
        return sum / 128;
      });
      expect(Math.hypot(...mean)).toBeGreaterThan(0.85);
      expect(Math.hypot(...mean)).toBeLessThan(1.15);
      expect(mean[0]! > 0.6).toBe(labels[row] !== 5);
    }
  });
});

describe('split by subject', () => {
  const { train } = dataset;

  test('holds out about a fifth, whole people, every class on both sides', () => {
    for (let seed = 0; seed < 20; seed++) {
      const split = splitBySubject(train, 6, 0.2, seed);
      expect(split.train.length + split.validation.length).toBe(train.count);
      expect(Math.abs(split.validation.length / train.count - 0.2)).toBeLessThan(0.05);
      const heldOut = new Set(split.heldOut);
      for (const row of split.validation) expect(heldOut.has(train.subjects[row]!)).toBe(true);
      for (const row of split.train) expect(heldOut.has(train.subjects[row]!)).toBe(false);
      expect(new Set([...split.validation].map((row) => train.labels[row])).size).toBe(6);
    }
  });

  test('follows from the seed', () => {
    expect(splitBySubject(train, 6, 0.2, 3)).toEqual(splitBySubject(train, 6, 0.2, 3));
    const heldOut = [1, 2, 3, 4, 5].map((seed) => splitBySubject(train, 6, 0.2, seed).heldOut.join());
    expect(new Set(heldOut).size).toBeGreaterThan(1);
  });

  test('does not take the only person with a class', () => {
    const windows = windowsOf([
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
      [3, 0],
      [3, 1],
      [3, 2],
      [4, 2],
    ]);
    for (let seed = 0; seed < 10; seed++) {
      const split = splitBySubject(windows, 3, 0.5, seed);
      expect(new Set([...split.train].map((row) => windows.labels[row])).size).toBe(3);
      expect(new Set([...split.validation].map((row) => windows.labels[row])).size).toBe(3);
    }
  });

  test('says so where there is none', () => {
    const windows = windowsOf([
      [1, 0],
      [2, 1],
    ]);
    expect(() => splitBySubject(windows, 2, 0.2, 1)).toThrow(
      'no subject-wise split of 2 windows of 2 people has all 2 classes on both sides',
    );
  });
});

/** Windows without values. */
function windowsOf(rows: readonly (readonly [subject: number, label: number])[]): LabelledWindows {
  return {
    count: rows.length,
    values: new Float32Array(),
    labels: Uint8Array.from(rows, ([, label]) => label),
    subjects: Uint8Array.from(rows, ([subject]) => subject),
  };
}

describe('training data', () => {
  test('holds the chosen channels, time first', () => {
    const data = prepareTrainingData(dataset, { ...plain, signals: ['body_gyro', 'total_acc'] });
    expect(data.channels).toBe(6);
    const source = dataset.train.values;
    for (const [step, row] of [
      [0, 0],
      [5, 17],
      [127, 100],
    ] as const)
      for (let channel = 0; channel < 6; channel++)
        expect(data.train.values[(step * data.train.count + row) * 6 + channel]).toBe(
          source[(row * 128 + step) * 9 + 3 + channel],
        );
    expect(data.train.labels).toEqual(dataset.train.labels);
  });

  test('with alignment every window is in its canonical frame', () => {
    const data = prepareTrainingData(dataset, { ...plain, alignment: 'gravity' });
    const raw = prepareTrainingData(dataset, plain);
    const { count } = data.train;
    const windowOf = (values: Float32Array, row: number): Float64Array =>
      Float64Array.from({ length: 384 }, (_, i) => values[(Math.floor(i / 3) * count + row) * 3 + (i % 3)]!);
    for (const row of [0, 99, count - 1]) {
      const expected = windowOf(raw.train.values, row);
      rotateToCanonicalFrame(expected);
      const found = windowOf(data.train.values, row);
      found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
    }
  });

  test('selection on the test set uses the test set itself; on validation nothing of it', () => {
    const onTest = prepareTrainingData(dataset, plain);
    expect(onTest.selection).toBe(onTest.test);
    expect(onTest.train.count).toBe(dataset.train.count);
    const onValidation = prepareTrainingData(dataset, { ...plain, selectOn: 'validation' });
    expect(onValidation.train.count + onValidation.selection.count).toBe(dataset.train.count);
    expect(onValidation.test.count).toBe(dataset.test.count);
  });

  test('lies in memory that threads share', () => {
    const data = prepareTrainingData(dataset, plain);
    for (const { values, labels } of [data.train, data.test]) {
      expect(values.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(labels.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
  });
});
