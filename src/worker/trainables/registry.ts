import type { TrainableReference } from '../../sweep/sweep-definition.js';
import { SetupError, type Trainable } from './trainable.js';

/** What a trainable may need to know that is not about training. */
export interface TrainableSetting {
  readonly sweepId: string;
  /** Tells the agent of a child process (leader of its process group) that must not outlive the trial. */
  readonly child: (pid: number, running: boolean) => void;
  /** A trial makes a checkpoint, which is still to be read. */
  readonly saving: (number: number) => void;
}

/** Loaded when first asked for: a worker that runs commands needs no training engine. */
const builtins: Readonly<Record<string, () => Promise<Trainable<unknown>>>> = {
  har: async () => (await import('./har.js')).default,
};

/** @throws SetupError where it does not exist or can't be loaded */
export async function loadTrainable(
  reference: TrainableReference,
  setting: TrainableSetting,
): Promise<Trainable<unknown>> {
  switch (reference.kind) {
    case 'builtin': {
      const load = Object.hasOwn(builtins, reference.name) ? builtins[reference.name] : undefined;
      if (!load) {
        const known = Object.keys(builtins).join(', ');
        throw new SetupError(`there is no trainable ${reference.name}: built in are ${known}`);
      }
      return load();
    }
    case 'module':
      return (await import('./module-trainable.js')).loadModule(reference.path, setting.sweepId);
    case 'command':
      return (await import('./command-trainable.js')).createCommandTrainable(reference.command, setting);
  }
}
