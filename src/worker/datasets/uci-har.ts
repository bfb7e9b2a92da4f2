import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../support/errors.js';
import { SetupError } from '../trainables/trainable.js';
import { ArchiveError, filesUnder, openFolder, openZip, within, type Archive } from './archive.js';
import { readCache, writeCache } from './cache.js';
import { download } from './download.js';
import type { DatasetOptions } from './dataset-options.js';
import { NumberTextError, readNumbers } from './number-text.js';
import {
  classCounts,
  harChannels,
  harClasses,
  harSteps,
  sharedWindows,
  type LabelledWindows,
  type WindowDataset,
} from './window-dataset.js';

/** Where the public archive gives it away; its zip file holds the data set's own zip file. */
export const uciHarUrl =
  'https://archive.ics.uci.edu/static/public/240/human+activity+recognition+using+smartphones.zip';

const description =
  'UCI HAR: 30 people, a phone at the waist, six activities; 10,299 windows of 128 steps at 50 Hz, measured';

const folder = 'UCI HAR Dataset/';
const innerZip = 'UCI HAR Dataset.zip';
const marker = 'train/y_train.txt';

/** As published. The archive is checked against these, for no checksum of it is published with it. */
const parts = {
  train: { windows: 7352, classCounts: [1226, 1073, 986, 1286, 1374, 1407] },
  test: { windows: 2947, classCounts: [496, 471, 420, 491, 532, 537] },
} as const;
type Part = keyof typeof parts;

const signalFile = (part: Part, channel: string): string => `${part}/Inertial Signals/${channel}_${part}.txt`;
const allFiles = (Object.keys(parts) as Part[]).flatMap((part) => [
  `${part}/y_${part}.txt`,
  `${part}/subject_${part}.txt`,
  ...harChannels.map((channel) => signalFile(part, channel)),
]);

/**
 * UCI HAR in its original layout, from where the user says it is, from an earlier download, or from the public archive.
 * Parsed once; then read from the cache directory.
 * @throws SetupError
 */
export async function loadUciHar(options: DatasetOptions, url = uciHarUrl): Promise<WindowDataset> {
  const path = options.dataPath ?? (await obtain(options, url));
  try {
    const archive = await openUciHar(path);
    try {
      return await fromCacheOr(archive, options);
    } finally {
      archive.close();
    }
  } catch (error) {
    if (!(error instanceof ArchiveError || error instanceof NumberTextError)) throw error;
    if (options.dataPath !== undefined)
      throw new SetupError(`UCI HAR at ${path}: ${error.message}`, { cause: error });
    await rm(path, { force: true });
    throw new SetupError(
      `what ${url} gave for UCI HAR is not usable and was removed again: ${error.message}. ${waysToGet(url, path)}`,
      { cause: error },
    );
  }
}

/** Ends a message. */
function waysToGet(url: string, path: string): string {
  return `Get it from ${url} and put it at ${path}, or say where it is: --data PATH or SWEEPYARD_DATA=PATH`;
}

/** The path of the downloaded archive. */
async function obtain({ cacheDirectory, log }: DatasetOptions, url: string): Promise<string> {
  const path = join(cacheDirectory, 'datasets', 'uci-har.zip');
  if (await stat(path).catch(() => undefined)) return path;
  log(`downloading UCI HAR from ${url}`);
  try {
    await download(url, path, log);
  } catch (error) {
    throw new SetupError(
      `UCI HAR is not on this machine and can't be downloaded (${messageOf(error)}). ${waysToGet(url, path)}`,
      { cause: error },
    );
  }
  return path;
}

/**
 * Finds the data set: in the zip archive or folder itself, in the folder `UCI HAR Dataset` within, in the zip archive
 * within the public one, or in a zip archive within the folder.
 * @throws ArchiveError
 */
export async function openUciHar(path: string): Promise<Archive> {
  const state = await stat(path).catch(() => undefined);
  if (!state) throw new ArchiveError('there is no such file or folder');
  const archive = state.isDirectory() ? openFolder(path, await filesUnder(path)) : await openZip(path, path);
  const found = await locate(archive);
  if (found) return found;
  archive.close();
  if (state.isDirectory())
    for (const name of (await readdir(path)).filter((name) => name.toLowerCase().endsWith('.zip')).sort()) {
      const inside = await openUciHar(join(path, name)).catch(() => undefined);
      if (inside) return inside;
    }
  throw new ArchiveError(`this is not UCI HAR: there is no ${folder}${marker}`);
}

async function locate(archive: Archive): Promise<Archive | undefined> {
  for (const prefix of ['', folder]) if (archive.has(prefix + marker)) return within(archive, prefix);
  if (!archive.has(innerZip)) return undefined;
  const inner = await openZip(`${archive.path}, ${innerZip} in it`, await archive.read(innerZip));
  archive.close();
  return locate(inner);
}

async function fromCacheOr(archive: Archive, options: DatasetOptions): Promise<WindowDataset> {
  for (const file of allFiles)
    if (!archive.has(file)) throw new ArchiveError(`this is not UCI HAR as published: there is no ${file}`);
  const fingerprint = await archive.fingerprint(allFiles);
  const path = join(options.cacheDirectory, 'datasets', `uci-har-${fingerprint.slice(0, 16)}.bin`);
  const cached = await readCache(path, fingerprint);
  if (cached) return cached;

  options.log(`reading UCI HAR from ${archive.path} (once; then from ${path})`);
  const dataset = await parse(archive);
  try {
    await writeCache(path, fingerprint, dataset);
  } catch (error) {
    options.log(`the parsed data set can't be kept for the next time: ${messageOf(error)}`);
  }
  return dataset;
}

async function parse(archive: Archive): Promise<WindowDataset> {
  return {
    name: 'uci-har',
    description,
    steps: harSteps,
    channels: harChannels,
    classes: harClasses,
    train: await parsePart(archive, 'train'),
    test: await parsePart(archive, 'test'),
  };
}

async function parsePart(archive: Archive, part: Part): Promise<LabelledWindows> {
  const { windows: count, classCounts: published } = parts[part];
  const windows = sharedWindows(count, harSteps, harChannels.length);
  await parseFile(archive, `${part}/y_${part}.txt`, count, 1, (label, line, file) => {
    if (!Number.isInteger(label) || label < 1 || label > harClasses.length)
      throw new NumberTextError(
        `${file} line ${line + 1}: a label is 1 to ${harClasses.length}; this is ${label}`,
      );
    windows.labels[line] = label - 1;
  });
  const counts = classCounts(windows, harClasses.length);
  if (counts.join() !== published.join())
    throw new NumberTextError(
      `${part}/y_${part}.txt has ${counts.join(', ')} windows of the classes; it must have ${published.join(', ')}`,
    );
  await parseFile(archive, `${part}/subject_${part}.txt`, count, 1, (subject, line, file) => {
    if (!Number.isInteger(subject) || subject < 1 || subject > 30)
      throw new NumberTextError(`${file} line ${line + 1}: a subject is 1 to 30; this is ${subject}`);
    windows.subjects[line] = subject;
  });
  for (const [channel, name] of harChannels.entries())
    await parseFile(archive, signalFile(part, name), count, harSteps, (value, line, _file, step) => {
      windows.values[(line * harSteps + step) * harChannels.length + channel] = value;
    });
  return windows;
}

async function parseFile(
  archive: Archive,
  file: string,
  lines: number,
  columns: number,
  take: (value: number, line: number, file: string, column: number) => void,
): Promise<void> {
  const found = readNumbers(await archive.read(file), file, columns, (value, line, column) => {
    if (line < lines) take(value, line, file, column);
  });
  if (found !== lines) throw new NumberTextError(`${file} has ${found} lines; it must have ${lines}`);
}
