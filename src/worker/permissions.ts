import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { TrainableReference } from '../sweep/sweep-definition.js';

/** What a worker may run beside what is built in. Its own flags say so, never the sweep. */
export interface Permissions {
  readonly commands: boolean;
  /** All, none, or those below a folder. */
  readonly modules: boolean | { readonly below: string };
}

/** Why this worker does not run it; undefined where it does. */
export function refusal(trainable: TrainableReference, permissions: Permissions): string | undefined {
  switch (trainable.kind) {
    case 'builtin':
      return undefined;
    case 'command':
      return permissions.commands
        ? undefined
        : `this worker runs no commands (${trainable.command[0] ?? ''}): start it with --allow-commands`;
    case 'module':
      return refusalOfModule(trainable.path, permissions.modules);
  }
}

function refusalOfModule(path: string, allowed: Permissions['modules']): string | undefined {
  if (allowed === true) return undefined;
  if (allowed === false) return `this worker runs no modules (${path}): start it with --allow-modules`;
  try {
    // Real paths: neither `..` nor a link leads out of the folder.
    const folder = realpathSync(allowed.below);
    const file = realpathSync(path);
    if (file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return `module ${path} or the folder ${allowed.below} of --allow-modules does not exist on this worker`;
  }
  return `this worker runs modules below ${allowed.below} only, not ${path}: see --allow-modules`;
}
