import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { longestFile } from '../../sweep/definition/yaml-source.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { messageOf, UsageError } from '../../support/errors.js';
import { checkSweepText } from '../sweep-text.js';

export interface SweepFile {
  readonly definition: SweepDefinition;
  /** The text as it stands in the file. */
  readonly source: string;
}

/**
 * Reads a sweep file and checks that the module it names is there. Rejects with a `UsageError` that shows all problems
 * with the lines they are in.
 */
export async function readSweepFile(path: string): Promise<SweepFile> {
  const source = await readText(path);
  return { definition: await checkSweepText(source, dirname(resolve(path)), path), source };
}

async function readText(path: string): Promise<string> {
  try {
    const info = await stat(path);
    if (!info.isFile() && !info.isFIFO()) throw new UsageError(`${path} is no file; a sweep file is needed`);
    // Four bytes a character at most: what is larger is too long whatever is in it.
    if (info.size > 4 * longestFile) {
      throw new UsageError(
        `${path} has ${info.size} bytes; a sweep file may have at most ${longestFile} characters`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(
      missing ? `there is no file ${path}` : `${path} cannot be read: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}
