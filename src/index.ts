/** What users of the library import: types and errors for their own training. */
export { objective } from './worker/trainables/objective.js';
export type { Objective, ObjectiveResult, ObjectiveTrial } from './worker/trainables/objective.js';
export { OutOfMemoryError, SetupError, TrialError } from './worker/trainables/trainable.js';
export type {
  Pack,
  PackMember,
  RawParameters,
  SavedState,
  TrainContext,
  TrainOptions,
  Trainable,
} from './worker/trainables/trainable.js';
export type { PackTry } from './worker/packs/find-pack-size.js';
export { createRandom } from './sweep/random.js';
export type { Random } from './sweep/random.js';
export type { JsonObject, JsonValue } from './sweep/json.js';
export type { Metrics } from './sweep/trial.js';
