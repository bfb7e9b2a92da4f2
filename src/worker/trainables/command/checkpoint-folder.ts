import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';

const files = z.array(z.object({ path: z.string(), data: z.instanceof(Uint8Array) }));

/**
 * All files of a folder as bytes; links to files are files.
 * @throws Error where they are more than `most` bytes
 */
export async function packFolder(folder: string, most: number): Promise<Uint8Array> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths: string[] = [];
  let size = 0;
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const isLink = entry.isSymbolicLink();
    if (!isLink && !entry.isFile()) continue;
    // A link may lead nowhere; a file that is gone was changed too early.
    const found = await stat(path).catch((error: unknown) => {
      if (!isLink) throw error;
    });
    if (!found?.isFile()) continue;
    paths.push(path);
    size += found.size;
  }
  if (size > most) throw new Error(`the files in SWEEPYARD_CHECKPOINT have ${size} bytes, ${most} at most`);
  const packed: z.infer<typeof files> = [];
  for (const path of paths) {
    const name = relative(folder, path).split(sep).join('/');
    packed.push({ path: name, data: new Uint8Array(await readFile(path)) });
  }
  return serialize(packed);
}

/** Writes what `packFolder` has read. @throws Error where it is something else */
export async function unpackFolder(bytes: Uint8Array, folder: string): Promise<void> {
  for (const { path, data } of files.parse(deserialize(bytes))) {
    const file = resolve(folder, path);
    if (relative(folder, file).split(sep)[0] === '..') throw new Error(`a checkpoint names the file ${path}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, data);
  }
}
