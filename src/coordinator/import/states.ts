import type { JsonValue } from '../../sweep/json.js';
import { isTerminal, TrialState, type TerminalState } from '../../sweep/trial.js';

/** States as other tools write them (Optuna, Ray Tune, W&B, MLflow), in small letters, and what they are here. */
const otherNames: Readonly<Record<string, TrialState>> = {
  complete: 'completed',
  finished: 'completed',
  succeeded: 'completed',
  terminated: 'completed',
  fail: 'failed',
  error: 'failed',
  crashed: 'failed',
  canceled: 'cancelled',
  killed: 'cancelled',
  waiting: 'queued',
  pending: 'queued',
  scheduled: 'queued',
};

/** What a row says of its state. */
export type GivenState =
  | { readonly state: TerminalState }
  /** It has not ended: the state as written, e.g. `RUNNING`. */
  | { readonly unfinished: string }
  | { readonly problem: string };

/** The state of a row in our words, whatever the case; a row that says nothing has completed. */
export function stateOf(given: JsonValue | undefined): GivenState {
  if (given === undefined || given === null) return { state: TrialState.Completed };
  const state = typeof given === 'string' ? namedState(given.toLowerCase()) : undefined;
  if (typeof given !== 'string' || state === undefined)
    return { problem: `has the state ${JSON.stringify(given)}; there are ${known}` };
  return isTerminal(state) ? { state } : { unfinished: given };
}

const states: readonly TrialState[] = Object.values(TrialState);
const known = [...states, ...Object.keys(otherNames)].join(', ');

function namedState(name: string): TrialState | undefined {
  return (
    states.find((state) => state === name) ?? (Object.hasOwn(otherNames, name) ? otherNames[name] : undefined)
  );
}
