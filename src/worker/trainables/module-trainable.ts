import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createJiti, type Jiti } from 'jiti';
import { z } from 'zod';
import type { JsonObject } from '../../sweep/json.js';
import { messageOf } from '../../support/errors.js';
import type { Metrics } from '../../sweep/trial.js';
import type { Objective, ObjectiveTrial } from './objective.js';
import {
  SetupError,
  TrialError,
  type PackMember,
  type SavedState,
  type TrainContext,
  type Trainable,
} from './trainable.js';

const anyParameters = z.record(z.string(), z.json()) as z.ZodType<JsonObject>;
/** What `import ... from 'sweepyard'` means in a user's module, wherever it lies. */
const ownIndex = fileURLToPath(new URL('../../index.js', import.meta.url));

interface Loaded {
  readonly sweepId: string;
  readonly modified: number;
  readonly trainable: Promise<Trainable<unknown>>;
}
const loaded = new Map<string, Loaded>();

/**
 * The trainable that a TypeScript or JavaScript module exports by default: an objective function or a whole
 * `Trainable`. There is no build step. A module is loaded once in each thread, and again, with everything it imports
 * by relative path, for another sweep or when its file has changed.
 *
 * @throws SetupError where there is no such file or it can't be loaded
 */
export function loadModule(path: string, sweepId: string): Promise<Trainable<unknown>> {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (modified === undefined) throw new SetupError(`module ${path} does not exist on this worker`);
  const present = loaded.get(path);
  if (present?.sweepId === sweepId && present.modified === modified) return present.trainable;
  const trainable = importTrainable(path);
  loaded.set(path, { sweepId, modified, trainable });
  // A module that failed may be mended without a change of its own file: in one that it imports.
  trainable.catch(() => loaded.delete(path));
  return trainable;
}

/** Loads what reads TypeScript: a fifth of a second that the first trial need not wait for. */
export function prepareForModules(): void {
  createLoader().transform({ source: '', ts: true });
}

function createLoader(): Jiti {
  return createJiti(import.meta.url, {
    moduleCache: false,
    fsCache: false,
    sourceMaps: true,
    ...(existsSync(ownIndex) ? { alias: { sweepyard: ownIndex } } : {}),
  });
}

async function importTrainable(path: string): Promise<Trainable<unknown>> {
  const jiti = createLoader();
  let exported: unknown;
  try {
    const module = await jiti.import<unknown>(path);
    // A module's namespace has no prototype.
    exported = typeof module === 'object' && module && 'default' in module ? module.default : module;
  } catch (error) {
    throw new SetupError(`module ${path} can't be loaded: ${tidied(messageOf(error))}`, { cause: error });
  }
  if (typeof exported === 'function') return fromObjective(exported as Objective<unknown>);
  if (isTrainable(exported)) return exported;
  throw new SetupError(
    `module ${path} has no default export that is a function or a Trainable: ` +
      'write `export default (parameters, trial) => ({ ... })`',
  );
}

/** `ParseError: Unexpected token\n /folder/objective.ts:2:12` and such, on one line. */
function tidied(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ').trim();
}

function isTrainable(value: unknown): value is Trainable<unknown> {
  if (!(value instanceof Object)) return false;
  const { train, parameters } = value as Partial<Trainable<unknown>>;
  return typeof train === 'function' && typeof parameters?.safeParse === 'function';
}

function fromObjective(objective: Objective<unknown>): Trainable<unknown> {
  return {
    parameters: anyParameters,
    train: async ({ members }, context) => {
      for (const member of members) {
        try {
          const result = await objective(member.parameters, new Handle(member, context));
          if (result !== undefined) context.complete(member, checked(result));
        } catch (error) {
          context.fail(member, error);
        }
      }
    },
  };
}

/** What an objective returns comes from outside: its type is a wish. */
function checked(result: unknown): Metrics {
  if (typeof result === 'object' && result !== null && !Array.isArray(result)) return result as Metrics;
  const found = Array.isArray(result) ? 'an array' : JSON.stringify(result);
  throw new TrialError(`the objective returned ${found}: return metrics by name, e.g. { loss: 0.5 }`);
}

class Handle implements ObjectiveTrial {
  readonly number: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly checkpoint?: SavedState;
  #lastStep: number;

  constructor(
    private readonly member: PackMember<unknown>,
    private readonly context: TrainContext,
  ) {
    this.number = member.number;
    this.seed = member.seed;
    this.signal = member.signal;
    if (member.checkpoint) this.checkpoint = member.checkpoint;
    this.#lastStep = member.checkpoint?.step ?? 0;
  }

  get random(): PackMember<unknown>['random'] {
    return this.member.random;
  }

  // Arrow functions: objectives take them apart (`const { report } = trial`).
  readonly report = (metrics: Metrics, step = this.#lastStep + 1): void => {
    this.#lastStep = step;
    this.context.report(this.member, step, metrics);
  };
  readonly checkpointDue = (): boolean => this.context.checkpointDue(this.member);
  readonly saveCheckpoint = (state: Uint8Array, step = this.#lastStep): void =>
    this.context.checkpoint(this.member, step, state);
  readonly shared = <T>(key: string, load: () => Promise<T>): Promise<T> => this.context.shared(key, load);
  readonly log = (message: string): void => this.context.log(message);
}
