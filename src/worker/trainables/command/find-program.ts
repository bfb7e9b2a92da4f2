import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { SetupError } from '../trainable.js';

/**
 * Where a program is: as given where it names a path, else along PATH.
 * @throws SetupError that says what was looked for and where
 */
export function findProgram(program: string, path = process.env['PATH'] ?? ''): string {
  if (program.includes('/') || program.includes('\\')) {
    const file = resolve(program);
    if (isProgram(file)) return file;
    throw new SetupError(`program ${file} does not exist on this worker or can't be executed`);
  }
  const suffixes = process.platform === 'win32' ? ['', '.exe', '.com'] : [''];
  for (const folder of path.split(delimiter).filter(Boolean)) {
    for (const suffix of suffixes) {
      const file = join(folder, program + suffix);
      if (isProgram(file)) return file;
    }
  }
  throw new SetupError(`program ${program} was not found along this worker's PATH (${path})`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
