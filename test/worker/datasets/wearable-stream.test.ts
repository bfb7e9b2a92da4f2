import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { boutsOf, cutStreams, type StreamCut } from '../../../src/worker/datasets/stream-windows.js';
import type { Examples } from '../../../src/worker/datasets/training-data.js';
import {
  loadWearableStreams,
  parseStream,
  type Stream,
  type WearableStreams,
} from '../../../src/worker/datasets/wearable-stream.js';

describe('wearable stream - reading', () => {
  test('rows with and without a first line of names, and without a label', () => {
    const rows = '1,0.5,-1,2e1,3,standing\n2,1,2,3,4,\r\n3,0,0,0,0,laying_down\n';
    for (const text of [rows, `Timestamp,X,Y,Z,P,Label\n${rows}`]) {
      const { count, values, labels } = parseStream(text, 'x.csv');
      expect(count).toBe(3);
      expect([...labels]).toEqual([2, -1, 0]);
      expect([...values]).toEqual([0.5, -1, 20, 3, 1, 2, 3, 4, 0, 0, 0, 0]);
      expect(values.buffer).toBeInstanceOf(SharedArrayBuffer);
    }
  });

  test.each([
    ['1,2,3,4,5,walking\n1,2,3,4,walking', /x\.csv line 2: a row has Timestamp, X.*this has 5 fields/],
    ['Timestamp,X,Y,Z,P,Label\n1,2,three,4,5,walking', /line 2: Y must be a number; it is "three"/],
    ['1,2,0x10,4,5,walking', /x\.csv line 1: Y must be a number; it is "0x10"/],
    ['1,2,Infinity,4,5,walking', /line 1: Y must be a number; it is "Infinity"/],
    ['1,2,3,4,5,walking\n1,-2e39,3,4,5,walking', /line 2: X -2e39 is too large for a float32 number/],
    ['1,2,3,1e999,5,walking', /line 1: Z 1e999 is too large for a float32 number/],
    ['1,2,,4,5,walking', /line 1: Y must be a number; it is ""/],
    ['1,2,3,4,5,running', /line 1: a label is laying_down, .* or nothing; this is "running"/],
    ['Timestamp,X,Y,Z,P,Label\n', /x\.csv has no rows/],
  ])('%j is refused', (text, message) => {
    expect(() => parseStream(text, 'x.csv')).toThrow(message);
  });

  test('without its folder, or with a wrong one, the error says what to give', async () => {
    const options = { cacheDirectory: '', log: () => undefined };
    await expect(loadWearableStreams(options)).rejects.toMatchObject({
      name: 'SetupError',
      message: expect.stringContaining('--data FOLDER or SWEEPYARD_DATA=FOLDER') as unknown,
    });
    const folder = mkdtempSync(join(tmpdir(), 'sweepyard-stream-'));
    try {
      writeFileSync(join(folder, 'wearable-stream-a.csv'), '1,2,3,4,5,walking\n');
      await expect(loadWearableStreams({ ...options, dataPath: folder })).rejects.toThrow(
        /can't read .*wearable-stream-b\.csv .*must be a folder with wearable-stream-a\.csv and/,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** A recording in which X is the number of the row, and stretches of 30 rows have labels in turn; every fifth none. */
function recording(rows: number): Stream {
  const values = new Float32Array(4 * rows);
  const labels = new Int8Array(rows);
  for (let row = 0; row < rows; row++) {
    values[4 * row] = row;
    const stretch = Math.floor(row / 30);
    labels[row] = stretch % 5 === 4 ? -1 : stretch % 5;
  }
  return { count: rows, values, labels };
}

const streams: WearableStreams = { a: recording(3000), b: recording(600) };
const cut: StreamCut = { windowSteps: 20, windows: 400, selectOn: 'test', splitSeed: 1 };
/** Row at which each window begins. */
const startsOf = ({ values, count }: Examples): number[] =>
  Array.from({ length: count }, (_, index) => values[4 * index]!);

describe('wearable stream - windows', () => {
  test('bouts are the stretches of one label', () => {
    const [first, second, , , fifth] = boutsOf(recording(300));
    expect(first).toEqual({ label: 0, start: 0, length: 30 });
    expect(second).toEqual({ label: 1, start: 30, length: 30 });
    expect(fifth).toEqual({ label: 0, start: 150, length: 30 });
    expect(boutsOf({ count: 2, values: new Float32Array(8), labels: Int8Array.of(-1, 3) })).toEqual([
      { label: 3, start: 1, length: 1 },
    ]);
  });

  test('have one label in all rows, which follow one another, and come from everywhere', () => {
    const data = cutStreams(streams, cut);
    expect([data.train.count, data.test.count, data.other!.count]).toEqual([360, 40, 400]);
    expect(data.selection).toBe(data.test);
    for (const [examples, stream] of [
      [data.train, streams.a],
      [data.test, streams.a],
      [data.other!, streams.b],
    ] as const)
      startsOf(examples).forEach((start, index) => {
        const rows = Array.from({ length: 20 }, (_, step) => start + step);
        expect(rows.every((row) => stream.labels[row] === examples.labels[index])).toBe(true);
        expect(rows.every((row, step) => examples.values[(step * examples.count + index) * 4] === row)).toBe(
          true,
        );
      });
    // 80 stretches with a label.
    expect(new Set(startsOf(data.train).map((start) => Math.floor(start / 30))).size).toBeGreaterThan(70);
    expect(new Set(data.train.labels).size).toBe(4);
  });

  test('are the same every time', () => {
    expect(startsOf(cutStreams(streams, cut).train)).toEqual(startsOf(cutStreams(streams, cut).train));
  });

  test('for validation come from bouts that nothing else is cut from', () => {
    const data = cutStreams(streams, { ...cut, selectOn: 'validation' });
    const bouts = (examples: Examples): Set<number> =>
      new Set(startsOf(examples).map((start) => Math.floor(start / 30)));
    const [train, selection, test] = [data.train, data.selection, data.test].map(bouts);
    for (const bout of selection!) expect(train!.has(bout) || test!.has(bout)).toBe(false);
    for (const bout of test!) expect(train!.has(bout)).toBe(false);
    for (const examples of [data.selection, data.test]) expect(new Set(examples.labels).size).toBe(4);
    expect([data.train.count, data.selection.count, data.test.count]).toEqual([360, 40, 40]);
  });

  test('longer than any stretch are refused', () => {
    expect(() => cutStreams(streams, { ...cut, windowSteps: 31 })).toThrow(
      'windowSteps 31 is more than the longest stretch of one label; the longest has 30 rows',
    );
  });
});

const folder = resolve(process.env['SWEEPYARD_TEST_DATA'] ?? '../shared/data');
const there = existsSync(join(folder, 'wearable-stream-a.csv'));
if (!there) console.warn(`skipped: the real wearable stream, for it is not in ${folder}`);

test.skipIf(!there)('wearable stream - the real recordings have their published rows', async () => {
  const real = await loadWearableStreams({ dataPath: folder, cacheDirectory: '', log: () => undefined });
  const counts = ({ labels }: Stream): number[] =>
    [-1, 0, 1, 2, 3].map((label) => labels.filter((other) => other === label).length);
  expect(real.a.count).toBe(79_980);
  expect(counts(real.a)).toEqual([0, 19_044, 17_623, 20_334, 22_979]);
  expect(real.b.count).toBe(68_147);
  expect(counts(real.b)).toEqual([37_852, 7257, 6819, 7880, 8339]);
  const data = cutStreams(real, { windowSteps: 512, windows: 1000, selectOn: 'test', splitSeed: 1 });
  expect([...new Set(data.train.labels)].sort()).toEqual([0, 1, 2, 3]);
});
