import { SetupError, type TrainOptions } from '../../trainables/trainable.js';
import { messageOf } from '../../../support/errors.js';
import { kernelChoices, type KernelChoice } from '../kernels/kernel-choice.js';
import type { BackendDefinition, TrainingBackend } from './backend.js';
import { selfTest } from './self-test.js';
import { wasmBackend } from './wasm.js';

/** Fastest first. */
const backends: readonly BackendDefinition[] = [wasmBackend];

/** Names that belong to backends which this version does not have. */
const planned = ['tensorflow', 'webgpu'];

/** What the user chose: `--backend` and `--kernels`. */
export type BackendChoice = Pick<TrainOptions, 'backend' | 'kernels'>;

let opened: { readonly key: string; readonly backend: Promise<TrainingBackend> } | undefined;

/**
 * Makes a backend that of this thread and tests it: one step of training must give known numbers. Never falls back
 * silently: what is not the choice, or does not pass, is an error.
 * @param choice `auto` takes the first that works here, else a name
 * @throws SetupError
 */
export function openBackend(choice: BackendChoice): Promise<TrainingBackend> {
  const key = `${choice.backend} ${choice.kernels}`;
  if (opened?.key !== key) {
    const backend = choose(choice);
    opened = { key, backend };
    // The next trial may try again.
    backend.catch(() => (opened = undefined));
  }
  return opened.backend;
}

async function choose({ backend: choice, kernels }: BackendChoice): Promise<TrainingBackend> {
  if (!isKernelChoice(kernels))
    throw new SetupError(
      `kernels ${kernels}: there are none such; --kernels takes ${kernelChoices.join(', ')}`,
    );
  const names = backends.map((backend) => backend.name);
  const candidates = choice === 'auto' ? backends : backends.filter((backend) => backend.name === choice);
  if (candidates.length === 0) {
    const why = planned.includes(choice) ? 'this version does not have it yet' : 'there is no such backend';
    throw new SetupError(`backend ${choice}: ${why}; --backend takes auto, ${names.join(', ')}`);
  }
  const failures: string[] = [];
  for (const candidate of candidates) {
    try {
      const backend = await candidate.open(kernels);
      await selfTest();
      const first = failures.length > 0 ? `; ${failures.join('; ')}` : '';
      const reason = choice === 'auto' ? `the first that works here${first}` : 'as asked for';
      return { ...backend, name: candidate.name, reason };
    } catch (error) {
      failures.push(`backend ${candidate.name}: ${messageOf(error)}`);
    }
  }
  throw new SetupError(failures.join('; '));
}

function isKernelChoice(text: string): text is KernelChoice {
  return (kernelChoices as readonly string[]).includes(text);
}
