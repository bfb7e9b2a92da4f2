import { stat } from 'node:fs/promises';
import { formatProblems, readDefinition } from '../sweep/definition.js';
import type { SweepDefinition } from '../sweep/sweep-definition.js';
import { UsageError } from '../support/errors.js';

/**
 * Reads the text of a sweep file, and checks that the module it names is there.
 * @param baseDirectory what relative paths in it start from. Absent: they start from the root
 * @param path how the file is called
 * @throws UsageError that shows all problems with the lines they are in
 */
export async function checkSweepText(
  source: string,
  baseDirectory = '/',
  path = 'the sweep file',
): Promise<SweepDefinition> {
  const result = readDefinition(source, { baseDirectory });
  if (!result.ok)
    throw new UsageError(`${path} can not be run:\n\n${formatProblems(result.problems, source, path)}`);
  const { trainable } = result.definition;
  if (trainable.kind === 'module' && !(await isFile(trainable.path)))
    throw new UsageError(`${path}: trainable: there is no file ${trainable.path}`);
  return result.definition;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
