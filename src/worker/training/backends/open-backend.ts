import { SetupError, type TrainOptions } from '../../trainables/trainable.js';
import { messageOf } from '../../../support/errors.js';
import { kernelChoices, type KernelChoice } from '../kernels/kernel-choice.js';
import type { BackendDefinition, TrainingBackend } from './backend.js';
import { selfTest } from './self-test.js';
import { tensorflowBackend } from './tensorflow.js';
import { wasmBackend } from './wasm.js';
import { webgpuBackend } from './webgpu.js';

/** All there are. What `auto` chooses among those that work is in choose-backend.ts. */
export const backends: readonly BackendDefinition[] = [tensorflowBackend, webgpuBackend, wasmBackend];

/** What the user chose: `--backend` and `--kernels`. */
export type BackendChoice = Pick<TrainOptions, 'backend' | 'kernels'>;

let opened: { readonly key: string; readonly backend: Promise<TrainingBackend> } | undefined;

/**
 * Makes a backend that of this thread and tests it: one step of training must give known numbers. Never falls back
 * silently: what is not the choice, or does not pass, is an error.
 * @param choice a name; `auto` is `wasm`, which works everywhere (`choose-backend.ts` chooses for a whole worker)
 * @throws SetupError
 */
export function openBackend(choice: BackendChoice): Promise<TrainingBackend> {
  const key = `${choice.backend} ${choice.kernels}`;
  if (opened?.key !== key) {
    const backend = open(choice);
    opened = { key, backend };
    // The next trial may try again.
    backend.catch(() => (opened = undefined));
  }
  return opened.backend;
}

async function open({ backend: choice, kernels }: BackendChoice): Promise<TrainingBackend> {
  if (!isKernelChoice(kernels))
    throw new SetupError(
      `kernels ${kernels}: there are none such; --kernels takes ${kernelChoices.join(', ')}`,
    );
  const definition = findBackend(choice === 'auto' ? 'wasm' : choice);
  const { name } = definition;
  try {
    const backend = await definition.open(kernels);
    await selfTest();
    return { ...backend, name };
  } catch (error) {
    throw new SetupError(`backend ${name}: ${messageOf(error)}`, { cause: error });
  }
}

/** @throws SetupError */
export function findBackend(name: string): BackendDefinition {
  const found = backends.find((backend) => backend.name === name);
  if (found) return found;
  const names = ['auto', ...backends.map((backend) => backend.name)].join(', ');
  throw new SetupError(`backend ${name}: there is no such backend; --backend takes ${names}`);
}

function isKernelChoice(text: string): text is KernelChoice {
  return (kernelChoices as readonly string[]).includes(text);
}
