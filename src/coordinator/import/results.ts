import type { JsonObject, JsonValue } from '../../sweep/json.js';
import type { ParameterValue } from '../../sweep/parameter.js';
import type { Metrics, TerminalState } from '../../sweep/trial.js';
import { isTerminal, TrialState, type TrialState as State } from '../../sweep/trial.js';
import { isObject, type Row } from './rows.js';

/** A row told apart into what was tried and what came of it. */
export interface Result {
  readonly place: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly metrics: Metrics;
  /** Metrics that are NaN or infinite: the trial failed. */
  readonly broken: readonly string[];
  readonly details: JsonObject;
  readonly state: TerminalState;
  readonly seed?: number;
}

/** Names under which others write what is `memory` and `time` here. */
const renamed: Readonly<Record<string, string>> = { memoryBytes: 'memory', seconds: 'time' };
/** Fields of our own export that are neither parameter nor metric. */
const ownFields = new Set(
  (
    'number state configuration replicate seed attempts lastStep failure failureClass failureMessage reason workerId ' +
    'createdAt startedAt finishedAt details'
  ).split(' '),
);
const looksLikeMetric =
  /accuracy|^acc$|_acc$|^f1|auc|score|reward|precision|recall|loss|error|rmse|^mae$|^mse$|^memory|^time$|^seconds$|duration|latency|perplexity/i;

/** What is known before the rows are read. */
export interface KnownNames {
  /** Of parameters, searched or fixed. Absent: whatever is no metric. */
  readonly parameters?: ReadonlySet<string>;
  /** Absent: names that look like one. */
  readonly metrics?: ReadonlySet<string>;
}

/** Tells parameters and metrics of a row apart. Rows of our own export have `parameters` and `metrics`. */
export function resultOf({ place, values }: Row, known: KnownNames): Result {
  const parameters: Record<string, ParameterValue> = {};
  const metrics: Record<string, number> = {};
  const details: Record<string, JsonValue> = {};
  const broken: string[] = [];
  const own = isObject(values['parameters']) && isObject(values['metrics']);
  const addMetric = (name: string, value: number): void => {
    if (Number.isFinite(value)) metrics[name] = value;
    else broken.push(name);
  };
  const take = (name: string, value: JsonValue, kind: 'parameter' | 'metric' | 'unknown'): void => {
    if (value === null) return;
    const isNumber = typeof value === 'number';
    if (kind === 'metric' && isNumber) addMetric(renamed[name] ?? name, value);
    else if (kind === 'parameter' && typeof value !== 'object') parameters[name] = value;
    else if (kind === 'unknown' && isNumber && known.parameters && !known.metrics)
      addMetric(renamed[name] ?? name, value);
    else details[name] = value;
  };
  if (own) {
    for (const [name, value] of Object.entries(values['parameters'] as JsonObject))
      take(name, value, 'parameter');
    for (const [name, value] of Object.entries(values['metrics'] as JsonObject)) take(name, value, 'metric');
  } else {
    for (const [name, value] of Object.entries(values)) {
      if (name !== 'seed' && name !== 'state') take(name, value, kindOf(name, known));
    }
  }
  if (own && isObject(values['details'])) Object.assign(details, values['details']);
  const { seed } = values;
  return {
    place,
    parameters,
    metrics,
    broken,
    details,
    state: stateOf(values['state'], broken),
    ...(typeof seed === 'number' && Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32 ? { seed } : {}),
  };
}

function kindOf(name: string, { parameters, metrics }: KnownNames): 'parameter' | 'metric' | 'unknown' {
  if (metrics?.has(name) || metrics?.has(renamed[name] ?? name)) return 'metric';
  if (parameters) return parameters.has(name) ? 'parameter' : 'unknown';
  if (metrics) return ownFields.has(name) ? 'unknown' : 'parameter';
  if (ownFields.has(name)) return 'unknown';
  return looksLikeMetric.test(name) ? 'metric' : 'parameter';
}

function stateOf(value: JsonValue | undefined, broken: readonly string[]): TerminalState {
  const states: readonly string[] = Object.values(TrialState);
  if (typeof value === 'string' && states.includes(value) && isTerminal(value as State))
    return value as TerminalState;
  return broken.length > 0 ? TrialState.Failed : TrialState.Completed;
}
