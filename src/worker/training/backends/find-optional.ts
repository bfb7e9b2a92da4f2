import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../../support/errors.js';

/** A package that Sweepyard can use, and does without. */
export interface OptionalPackage {
  /** With the folder, where it was not installed beside us. */
  readonly name: string;
  /** Its main file. */
  readonly path: string;
}

/** `build/<folder>/` of this clone: a second place, where a package can be put without a change to package.json. */
function ownFolder(folder: string): URL {
  return new URL(`../../../../build/${folder}/`, import.meta.url);
}

/**
 * The first of these packages that is installed; beside us, or else in `build/<folder>`.
 * @throws Error where one is there and can't be resolved
 */
export function findOptional(names: readonly string[], folder: string): OptionalPackage | undefined {
  const own = ownFolder(folder);
  for (const base of [import.meta.url, new URL('package.json', own).href]) {
    const { resolve } = createRequire(base);
    for (const name of names) {
      try {
        const path = resolve(name);
        return { name: base === import.meta.url ? name : `${name} in ${fileURLToPath(own)}`, path };
      } catch (error) {
        if (!isMissing(error))
          throw new Error(`${name} can't be loaded: ${messageOf(error)}`, { cause: error });
      }
    }
  }
  return undefined;
}

/**
 * Loads a package of TensorFlow.js' own, which registers itself with the engine that all copies of tfjs-core in a
 * thread share.
 */
export function loadOptional({ name, path }: OptionalPackage): void {
  const { warn } = console;
  // A second copy of tfjs-core says that the platform "node" is set already. So it should be.
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).startsWith('Platform node has already been set')) warn(...words);
  };
  try {
    createRequire(import.meta.url)(path);
  } catch (error) {
    throw new Error(`${name} can't be loaded: ${messageOf(error)}`, { cause: error });
  } finally {
    console.warn = warn;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
}
