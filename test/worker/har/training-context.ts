import type { JsonObject, JsonValue } from '../../../src/sweep/json.js';
import { createRandom } from '../../../src/sweep/random.js';
import type { Metrics } from '../../../src/sweep/trial.js';
import { harParameters, type HarParameters } from '../../../src/sweep/har/parameters.js';
import type { PackMember, TrainContext, TrainOptions } from '../../../src/worker/trainables/trainable.js';

export interface Outcome {
  readonly reports: { step: number; metrics: Metrics }[];
  completed?: { metrics: Metrics; details: JsonValue | undefined };
  failed?: unknown;
  readonly checkpoints?: { step: number; state: Uint8Array }[];
}

/** A member with an outcome for each of its calls, in place of the worker's thread. */
export interface TestMember extends PackMember<HarParameters> {
  readonly outcome: Outcome;
  readonly controller: AbortController;
}

export function member(number: number, seed: number, parameters: JsonObject): TestMember {
  const controller = new AbortController();
  return {
    number,
    seed,
    parameters: harParameters.parse(parameters),
    random: createRandom(seed),
    signal: controller.signal,
    controller,
    outcome: { reports: [] },
  };
}

const loaded = new Map<string, Promise<unknown>>();

/** What the thread gives a trainable, with data sets loaded once for all tests of a file. */
export function trainingContext(
  options: Partial<TrainOptions> = {},
  onReport: (member: TestMember, step: number) => void = () => undefined,
): TrainContext {
  const of = (one: PackMember<unknown>): TestMember => one as TestMember;
  return {
    report: (one, step, metrics) => {
      of(one).outcome.reports.push({ step, metrics });
      onReport(of(one), step);
    },
    complete: (one, metrics, details) => {
      of(one).outcome.completed = { metrics, details };
    },
    fail: (one, error) => {
      of(one).outcome.failed = error;
    },
    checkpoint: (one, step, state) => of(one).outcome.checkpoints?.push({ step, state }),
    // Who has room for checkpoints makes one after every pass.
    checkpointDue: (one) => of(one).outcome.checkpoints !== undefined,
    shared: <T>(key: string, load: () => Promise<T>) => {
      if (!loaded.has(key)) loaded.set(key, load());
      return loaded.get(key) as Promise<T>;
    },
    log: () => undefined,
    // Generated signals are not cached.
    options: { backend: 'wasm', kernels: 'auto', cacheDirectory: '', ...options },
  };
}
