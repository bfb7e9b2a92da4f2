import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadUciHar } from '../../../src/worker/datasets/uci-har.js';
import { classCounts, harChannels, type WindowDataset } from '../../../src/worker/datasets/window-dataset.js';
import { SetupError } from '../../../src/worker/trainables/trainable.js';
import { zipOf } from './zip-writer.js';

const realZip = resolve(process.env['SWEEPYARD_TEST_DATA'] ?? '../shared/data', 'uci-har.zip');
const withoutData = !existsSync(realZip);
if (withoutData)
  console.warn(`skipped: tests with real data, for there is no ${realZip} (SWEEPYARD_TEST_DATA)`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweepyard-datasets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Loads, with what was logged. */
async function load(dataPath: string | undefined, cacheDirectory = folder, url?: string) {
  const lines: string[] = [];
  const options = { cacheDirectory, log: (line: string) => void lines.push(line) };
  const dataset = await loadUciHar({ ...options, ...(dataPath === undefined ? {} : { dataPath }) }, url);
  return { dataset, lines };
}

describe.skipIf(withoutData)('UCI HAR - the real archive', () => {
  let cache: string;
  let dataset: WindowDataset;
  beforeAll(async () => {
    cache = mkdtempSync(join(tmpdir(), 'sweepyard-cache-'));
    ({ dataset } = await load(realZip, cache));
  });
  afterAll(() => rmSync(cache, { recursive: true, force: true }));
  const cacheFile = (): string => join(cache, 'datasets', readdirSync(join(cache, 'datasets'))[0]!);

  test('has the published windows, classes and people', () => {
    expect(dataset.train.count).toBe(7352);
    expect(dataset.test.count).toBe(2947);
    expect(classCounts(dataset.train, 6)).toEqual([1226, 1073, 986, 1286, 1374, 1407]);
    expect(classCounts(dataset.test, 6)).toEqual([496, 471, 420, 491, 532, 537]);
    expect(new Set(dataset.train.subjects).size).toBe(21);
    expect(new Set(dataset.test.subjects).size).toBe(9);
  });

  test('X_test has the known mean and standard deviation', () => {
    const { values } = dataset.test;
    expect(values).toHaveLength(2947 * 128 * 9);
    let sum = 0;
    for (const value of values) sum += value;
    const mean = sum / values.length;
    let squares = 0;
    for (const value of values) squares += (value - mean) ** 2;
    expect(mean).toBeCloseTo(0.0991399, 6);
    expect(Math.sqrt(squares / values.length)).toBeCloseTo(0.3956708, 6);
  });

  test('every channel is where its name says: total minus body acceleration is gravity', () => {
    const { values } = dataset.test;
    const at = (name: string): number => harChannels.indexOf(name);
    let gravity = 0;
    for (let index = 0; index < 128; index++) {
      const row = index * 9;
      gravity += values[row + at('total_acc_x')]! - values[row + at('body_acc_x')]!;
    }
    expect(gravity / 128).toBeGreaterThan(0.9);
    expect(gravity / 128).toBeLessThan(1.1);
  });

  test('the second time it comes from the cache, the same', async () => {
    const again = await load(realZip, cache);
    expect(again.lines).toEqual([]);
    expectSame(again.dataset, dataset);
    expect(again.dataset.train.values.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test.each([
    [
      'a flipped byte',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 1000]! ^= 1;
        writeFileSync(path, bytes);
      },
    ],
    ['a lost end', (path: string) => truncateSync(path, 1_000_000)],
    ['a broken header', (path: string) => writeFileSync(path, 'sweepyard data set 1\n{"name":')],
  ])('a cache with %s is built anew', async (_, damage) => {
    damage(cacheFile());
    const { dataset: rebuilt, lines } = await load(realZip, cache);
    expect(lines).toEqual([expect.stringMatching(/^reading UCI HAR from /)]);
    expectSame(rebuilt, dataset);
    expect(readdirSync(join(cache, 'datasets'))).toHaveLength(1);
  });

  test('is found in a folder that holds the archive, and in the archive of the public download', async () => {
    symlinkSync(realZip, join(folder, 'some name.zip'));
    writeFileSync(join(folder, 'another.zip'), 'no archive');
    expect((await load(folder, cache)).lines).toEqual([]);
    const outer = join(folder, 'download', 'human+activity.zip');
    mkdirSync(dirname(outer));
    writeFileSync(
      outer,
      zipOf({ 'UCI HAR Dataset.names': 'text', 'UCI HAR Dataset.zip': readFileSync(realZip) }),
    );
    expect((await load(outer, cache)).lines).toEqual([]);
  });

  test('is downloaded where nobody says where it is, once, and kept', async () => {
    const served = await serve((respond) => respond(200, readFileSync(realZip)));
    try {
      cpSync(join(cache, 'datasets'), join(folder, 'datasets'), { recursive: true });
      const first = await load(undefined, folder, served.url);
      expect(first.lines[0]).toBe(`downloading UCI HAR from ${served.url}`);
      expect(first.lines.at(-1)).toMatch(/^downloaded [\d.]+ of [\d.]+ MB$/);
      const second = await load(undefined, folder, served.url);
      expect(second.lines).toEqual([]);
      expect(served.requests()).toBe(1);
    } finally {
      served.server.close();
    }
  });
});

describe('UCI HAR - where it is not', () => {
  test('a failed download names the reason, the address and both ways to say where it is', async () => {
    const served = await serve((respond) => respond(503, 'no'));
    try {
      await expect(load(undefined, folder, served.url)).rejects.toMatchObject({
        name: 'SetupError',
        message:
          `UCI HAR is not on this machine and can't be downloaded (${served.url} answered 503 Service Unavailable). ` +
          `Get it from ${served.url} and put it at ${join(folder, 'datasets', 'uci-har.zip')}, ` +
          'or say where it is: --data PATH or SWEEPYARD_DATA=PATH',
      });
      expect(readdirSync(join(folder, 'datasets'))).toEqual([]);
    } finally {
      served.server.close();
    }
  });

  test('a download that is something else is not kept', async () => {
    const served = await serve((respond) => respond(200, '<html>Please log in</html>'));
    try {
      await expect(load(undefined, folder, served.url)).rejects.toThrow(
        `what ${served.url} gave for UCI HAR is not usable and was removed again: `,
      );
      expect(readdirSync(join(folder, 'datasets'))).toEqual([]);
    } finally {
      served.server.close();
    }
  });

  test('an address that nobody answers at is named with its reason', async () => {
    await expect(load(undefined, folder, 'http://127.0.0.1:9/x.zip')).rejects.toThrow(
      /can't be downloaded \(.+\)\. Get it from/,
    );
  });

  test.each([
    ['nothing', () => undefined, 'there is no such file or folder'],
    [
      'an empty folder',
      (path: string) => mkdirSync(path),
      'this is not UCI HAR: there is no UCI HAR Dataset/train/y_train.txt',
    ],
    [
      'another file',
      (path: string) => writeFileSync(path, 'a,b\n1,2\n'),
      /is no zip archive, or a damaged or truncated one/,
    ],
    [
      'another archive',
      (path: string) => writeFileSync(path, zipOf({ 'a.txt': '1' })),
      'this is not UCI HAR: there is no UCI HAR Dataset/train/y_train.txt',
    ],
  ])('%s', async (_, make, message) => {
    const path = join(folder, 'data');
    make(path);
    await expect(load(path)).rejects.toThrow(message);
    await expect(load(path)).rejects.toMatchObject({
      name: 'SetupError',
      message: expect.stringContaining(`UCI HAR at ${path}: `) as unknown,
    });
  });
});

describe('UCI HAR - broken archives', () => {
  const parts = ['train', 'test'] as const;
  /** All files of the archive, as short as can be. */
  function files(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
    const all: Record<string, string | undefined> = {};
    for (const part of parts) {
      all[`${part}/y_${part}.txt`] = '1\n';
      all[`${part}/subject_${part}.txt`] = '1\n';
      for (const channel of harChannels) all[`${part}/Inertial Signals/${channel}_${part}.txt`] = '0\n';
    }
    const present = Object.entries({ ...all, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return Object.fromEntries(present.map(([name, content]) => [`UCI HAR Dataset/${name}`, content]));
  }
  /** The labels that the published train set has, in an order of our own. */
  const trainLabels = [1226, 1073, 986, 1286, 1374, 1407]
    .map((count, label) => `${label + 1}\n`.repeat(count))
    .join('');
  const subjects = '1\n'.repeat(7352);
  const signal = 'train/Inertial Signals/body_acc_x_train.txt';

  const cases: [string, Record<string, string | undefined>, string][] = [
    ['a missing file', { [signal]: undefined }, `this is not UCI HAR as published: there is no ${signal}`],
    ['too few labels', {}, 'train/y_train.txt has 1 lines; it must have 7352'],
    [
      'too many labels',
      { 'train/y_train.txt': `${trainLabels}1\n` },
      'train/y_train.txt has 7353 lines; it must have 7352',
    ],
    [
      'a label that is none',
      { 'train/y_train.txt': '1\n7\n' },
      'train/y_train.txt line 2: a label is 1 to 6; this is 7',
    ],
    [
      'a label that is no number',
      { 'train/y_train.txt': '1\n2\nthree\n' },
      'train/y_train.txt line 3: "three" is no number',
    ],
    [
      'other labels',
      { 'train/y_train.txt': '1\n'.repeat(7352) },
      'train/y_train.txt has 7352, 0, 0, 0, 0, 0 windows of the classes; it must have 1226, 1073, 986, 1286, 1374, 1407',
    ],
    [
      'a subject that is none',
      { 'train/y_train.txt': trainLabels, 'train/subject_train.txt': '1\n31\n' },
      'train/subject_train.txt line 2: a subject is 1 to 30; this is 31',
    ],
    [
      'a short window',
      {
        'train/y_train.txt': trainLabels,
        'train/subject_train.txt': subjects,
        [signal]: `${'0 '.repeat(128)}\n${'0 '.repeat(127)}\n`,
      },
      `${signal} line 2: there are 127 numbers; there must be 128`,
    ],
    [
      'a value that is no number',
      {
        'train/y_train.txt': trainLabels,
        'train/subject_train.txt': subjects,
        [signal]: `${'0 '.repeat(127)}NaN\n`,
      },
      `${signal} line 1: "NaN" is no number`,
    ],
  ];

  test.each(cases)('zip: %s', async (_, changes, message) => {
    const path = join(folder, 'har.zip');
    writeFileSync(path, zipOf(files(changes)));
    await expect(load(path)).rejects.toThrow(new SetupError(`UCI HAR at ${path}: ${message}`));
  });

  test.each(cases)('folder: %s', async (_, changes, message) => {
    const path = join(folder, 'unpacked');
    for (const [name, content] of Object.entries(files(changes))) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), content);
    }
    for (const place of [path, join(path, 'UCI HAR Dataset')])
      await expect(load(place)).rejects.toThrow(new SetupError(`UCI HAR at ${place}: ${message}`));
  });

  test('zip: a truncated archive', async () => {
    const path = join(folder, 'har.zip');
    const whole = zipOf(files({}));
    writeFileSync(path, whole.subarray(0, whole.length / 2));
    await expect(load(path)).rejects.toThrow('is no zip archive, or a damaged or truncated one: ');
  });

  test('zip: bytes that changed on the way', async () => {
    const path = join(folder, 'har.zip');
    const bytes = zipOf({ ...files({}), 'UCI HAR Dataset/train/y_train.txt': '1\n2\n3\n' });
    // The checksum of the first file, in the directory at the end of the archive.
    const first = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
    bytes[first + 16]! ^= 1;
    writeFileSync(path, bytes);
    await expect(load(path)).rejects.toThrow('train/y_train.txt in');
    await expect(load(path)).rejects.toThrow('is damaged: its checksum is wrong');
  });
});

/** Byte by byte: the matchers of the test runner take minutes for millions of numbers. */
function expectSame(a: WindowDataset, b: WindowDataset): void {
  const bytes = ({ train, test: tested, ...rest }: WindowDataset): Buffer[] => [
    Buffer.from(JSON.stringify(rest)),
    ...[train, tested].flatMap(({ values, labels, subjects }) =>
      [values, labels, subjects].map((array) => Buffer.from(array.buffer)),
    ),
  ];
  const others = bytes(b);
  expect(bytes(a).map((one, index) => one.equals(others[index]!))).toEqual(others.map(() => true));
}

type Respond = (status: number, body: Buffer | string) => void;

/** A web server on this machine. */
async function serve(
  answer: (respond: Respond) => void,
): Promise<{ server: Server; url: string; requests(): number }> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    answer((status, body) => {
      response.writeHead(status, { 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/uci-har.zip`,
    requests: () => requests,
  };
}
