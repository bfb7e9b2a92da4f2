import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../support/errors.js';
import { SetupError } from '../trainables/trainable.js';
import type { DatasetOptions } from './dataset-options.js';

/** One long recording. On SharedArrayBuffers. */
export interface Stream {
  /** Rows, 20 ms apart but for breaks between recordings. */
  readonly count: number;
  /** [count, 4]: X, Y, Z in m/s^2, P. */
  readonly values: Float32Array;
  /** [count], index of the class; -1 where nobody said what it was. */
  readonly labels: Int8Array;
}

/** A wearable's accelerometer, as two recordings of different people. */
export interface WearableStreams {
  readonly a: Stream;
  readonly b: Stream;
}

export const wearableClasses = ['laying_down', 'sitting', 'standing', 'walking'] as const;
export const wearableChannels = 4;
const columns = ['Timestamp', 'X', 'Y', 'Z', 'P', 'Label'];
/** Not all that JavaScript reads as a number, such as 0x10 or nothing. */
const decimal = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const files = { a: 'wearable-stream-a.csv', b: 'wearable-stream-b.csv' } as const;

/**
 * Reads `wearable-stream-a.csv` and `wearable-stream-b.csv` from the folder that the user says.
 * @throws SetupError
 */
export async function loadWearableStreams({ dataPath }: DatasetOptions): Promise<WearableStreams> {
  if (dataPath === undefined)
    throw new SetupError(
      `wearable-stream is not on this machine: say which folder holds ${files.a} and ${files.b}: --data FOLDER or SWEEPYARD_DATA=FOLDER`,
    );
  return { a: await read(dataPath, files.a), b: await read(dataPath, files.b) };
}

async function read(folder: string, file: string): Promise<Stream> {
  const path = join(folder, file);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new SetupError(
      `wearable-stream: can't read ${path} (${messageOf(error)}). ` +
        `--data or SWEEPYARD_DATA must be a folder with ${files.a} and ${files.b}`,
      { cause: error },
    );
  }
  return parseStream(text, path);
}

/**
 * Lines of Timestamp, X, Y, Z, P, Label, with or without a line of these names first; an empty label is none.
 * @param path for messages
 * @throws SetupError that names the line
 */
export function parseStream(text: string, path: string): Stream {
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  const first = lines[0]?.startsWith('Timestamp') ? 1 : 0;
  const count = lines.length - first;
  if (count < 1) throw new SetupError(`wearable-stream: ${path} has no rows`);
  const values = new Float32Array(new SharedArrayBuffer(4 * wearableChannels * count));
  const labels = new Int8Array(new SharedArrayBuffer(count));
  for (let row = 0; row < count; row++) {
    const fields = lines[row + first]!.split(',');
    const wrong = (what: string): SetupError =>
      new SetupError(`wearable-stream: ${path} line ${row + first + 1}: ${what}`);
    if (fields.length !== columns.length)
      throw wrong(`a row has ${columns.join(', ')}; this has ${fields.length} fields`);
    for (let column = 1; column <= wearableChannels; column++) {
      const field = fields[column]!;
      const value = Math.fround(Number(field));
      if (!decimal.test(field)) throw wrong(`${columns[column]} must be a number; it is "${field}"`);
      if (!Number.isFinite(value))
        throw wrong(`${columns[column]} ${field} is too large for a float32 number`);
      values[row * wearableChannels + column - 1] = value;
    }
    labels[row] = labelOf(fields.at(-1)!, wrong);
  }
  return { count, values, labels };
}

function labelOf(name: string, wrong: (what: string) => SetupError): number {
  if (name === '') return -1;
  const label = (wearableClasses as readonly string[]).indexOf(name);
  if (label < 0) throw wrong(`a label is ${wearableClasses.join(', ')} or nothing; this is "${name}"`);
  return label;
}
