import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import * as yauzl from 'yauzl';
import { messageOf } from '../../support/errors.js';

/** Files by relative path, in a folder or a zip archive. */
export interface Archive {
  /** What to call it in messages. */
  readonly path: string;
  has(file: string): boolean;
  /** @throws ArchiveError */
  read(file: string): Promise<Buffer>;
  /** Changes when a file changes, as far as can be told without reading them all. */
  fingerprint(files: readonly string[]): Promise<string>;
  close(): void;
}

/** An archive or a file in it can't be read. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

/** No file of a data set comes near it: more is an attack or a mistake. */
const maxFileBytes = 1 << 28;

/** The fingerprint is made of names, sizes and times of change. */
export function openFolder(path: string, files: readonly string[]): Archive {
  const present = new Set(files);
  return {
    path,
    has: (file) => present.has(file),
    read: async (file) => {
      try {
        return await readFile(join(path, file));
      } catch (error) {
        throw new ArchiveError(`${join(path, file)} can't be read: ${messageOf(error)}`, { cause: error });
      }
    },
    fingerprint: async (names) => {
      const states = await Promise.all(names.map((name) => stat(join(path, name))));
      return digest(states.map(({ size, mtimeMs }, index) => [names[index], size, mtimeMs]));
    },
    close: () => undefined,
  };
}

/** Paths of all files under a folder, relative to it, with `/`. */
export async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(path.length + 1)
        .replaceAll('\\', '/'),
    );
}

/**
 * The fingerprint is made of the checksums that the archive says its files have; `read` checks them.
 * @param source path of a zip file, or its bytes
 * @throws ArchiveError where it is no zip archive or a damaged one
 */
export async function openZip(path: string, source: string | Buffer): Promise<Archive> {
  let opened: yauzl.ZipFile | undefined;
  const entries = new Map<string, yauzl.Entry>();
  try {
    opened =
      typeof source === 'string'
        ? await yauzl.openPromise(source, { autoClose: false })
        : await yauzl.fromBufferPromise(source);
    for await (const entry of opened.eachEntry()) entries.set(entry.fileName, entry);
  } catch (error) {
    opened?.close();
    throw new ArchiveError(`${path} is no zip archive, or a damaged or truncated one: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const zip = opened;
  const entryOf = (file: string): yauzl.Entry => {
    const entry = entries.get(file);
    if (!entry) throw new ArchiveError(`${path} holds no ${file}`);
    return entry;
  };
  return {
    path,
    has: (file) => entries.has(file),
    read: async (file) => {
      const entry = entryOf(file);
      if (entry.uncompressedSize > maxFileBytes)
        throw new ArchiveError(
          `${file} in ${path} has ${entry.uncompressedSize} bytes; ${maxFileBytes} at most are read`,
        );
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
      } catch (error) {
        throw new ArchiveError(`${file} in ${path} is damaged: ${messageOf(error)}`, { cause: error });
      }
      const bytes = Buffer.concat(chunks);
      if (crc32(bytes) !== entry.crc32)
        throw new ArchiveError(`${file} in ${path} is damaged: its checksum is wrong`);
      return bytes;
    },
    fingerprint: (names) =>
      Promise.resolve(
        digest(names.map((name) => [name, entryOf(name).uncompressedSize, entryOf(name).crc32])),
      ),
    close: () => zip.close(),
  };
}

/** A view of an archive from one of its folders. @param prefix with `/` at the end, or empty */
export function within(archive: Archive, prefix: string): Archive {
  const whole = (file: string): string => prefix + file;
  return {
    path: archive.path,
    has: (file) => archive.has(whole(file)),
    read: (file) => archive.read(whole(file)),
    fingerprint: (files) => archive.fingerprint(files.map(whole)),
    close: () => archive.close(),
  };
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
