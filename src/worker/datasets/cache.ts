import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { dirname } from 'node:path';
import { z } from 'zod';
import { sharedWindows, type LabelledWindows, type WindowDataset } from './window-dataset.js';

/**
 * A parsed data set as one file: the line `sweepyard data set <version>`, one line of JSON, then the arrays of train
 * and test set one after the other. Raised when either changes.
 */
const version = 1;
const magic = `sweepyard data set ${version}`;

const headerSchema = z.object({
  fingerprint: z.string(),
  endianness: z.literal(endianness()),
  name: z.string(),
  description: z.string(),
  steps: z.int().positive(),
  channels: z.array(z.string()).min(1),
  classes: z.array(z.string()).min(1),
  trainCount: z.int().positive(),
  testCount: z.int().positive(),
  /** SHA-256 of all that follows the header. */
  checksum: z.string(),
});

const arraysOf = ({ values, labels, subjects }: LabelledWindows): Uint8Array[] =>
  [values, labels, subjects].map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));

function checksumOf(arrays: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const array of arrays) hash.update(array);
  return hash.digest('hex');
}

/** Writes it whole or not at all. @throws where the folder can't be written */
export async function writeCache(path: string, fingerprint: string, dataset: WindowDataset): Promise<void> {
  const { train, test, ...rest } = dataset;
  const arrays = [...arraysOf(train), ...arraysOf(test)];
  const header: z.infer<typeof headerSchema> = {
    ...rest,
    channels: [...rest.channels],
    classes: [...rest.classes],
    fingerprint,
    endianness: endianness(),
    trainCount: train.count,
    testCount: test.count,
    checksum: checksumOf(arrays),
  };
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${randomUUID()}`;
  const file = await open(unfinished, 'wx');
  try {
    await file.write(`${magic}\n${JSON.stringify(header)}\n`);
    for (const array of arrays) await file.writeFile(array);
    await file.close();
    await rename(unfinished, path);
  } catch (error) {
    await file.close();
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** The data set on shared memory; undefined where there is none, or one of another source, version or damaged. */
export async function readCache(path: string, fingerprint: string): Promise<WindowDataset | undefined> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch {
    return undefined;
  }
  try {
    const start = Buffer.alloc(65_536);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    const [first, second] = start.toString('utf8', 0, bytesRead).split('\n', 2);
    if (first !== magic || second === undefined) return undefined;
    const { checksum, trainCount, testCount, ...header } = headerSchema.parse(JSON.parse(second));
    if (header.fingerprint !== fingerprint) return undefined;

    const { name, description, steps, channels, classes } = header;
    const [train, test] = [trainCount, testCount].map((count) =>
      sharedWindows(count, steps, channels.length),
    ) as [LabelledWindows, LabelledWindows];
    const arrays = [...arraysOf(train), ...arraysOf(test)];
    let position = Buffer.byteLength(`${first}\n${second}\n`);
    for (const array of arrays) {
      const part = await file.read(array, 0, array.length, position);
      if (part.bytesRead !== array.length) return undefined;
      position += array.length;
    }
    if (checksumOf(arrays) !== checksum) return undefined;
    return { name, description, steps, channels, classes, train, test };
  } catch {
    // Whatever is wrong with it, the source is at hand.
    return undefined;
  } finally {
    await file.close();
  }
}
