import { isKept } from '../../sweep/definition/changed-numbers.js';
import type { JsonObject, JsonValue } from '../../sweep/json.js';
import type { ParameterValue } from '../../sweep/parameter.js';
import type { Metrics, TerminalState } from '../../sweep/trial.js';
import { UsageError } from '../../support/errors.js';
import { isObject, type Row } from './rows.js';
import { stateOf } from './states.js';

/** A row told apart into what was tried and what came of it. */
export interface Result {
  readonly place: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Of CSV: cells as they are written, by name. */
  readonly written?: ReadonlyMap<string, string>;
  readonly metrics: Metrics;
  /** Metrics that are NaN or infinite, as written. Only a trial that has not completed may have such. */
  readonly broken: readonly { readonly name: string; readonly value: string }[];
  readonly details: JsonObject;
  /** Absent where it has not ended (`unfinished`), or is unknown (`problem`). */
  readonly state?: TerminalState;
  /** The state of a trial that has not ended, as written. */
  readonly unfinished?: string;
  /** What is wrong with the row by itself, as the end of a sentence. */
  readonly problem?: string;
  readonly seed?: number;
}

/** Why a row is no result, whatever the sweep is, as the end of a sentence. */
export function rowProblem({ problem, unfinished, parameters, written }: Result): string | undefined {
  if (problem !== undefined) return problem;
  if (unfinished !== undefined) return `is ${unfinished}, so it has no result yet`;
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value !== 'number') continue;
    const text = written?.get(name) ?? String(value);
    if (!Number.isFinite(value)) return `"${name}" is ${text}, which is no finite number`;
    if (!isKept(text, value))
      return `"${name}" is ${text}, which would be read as ${BigInt(value)}; it must be exact as a number`;
  }
  return undefined;
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
  /** Metrics beside those whose names look like one. */
  readonly metrics?: ReadonlySet<string>;
}

/**
 * Tells parameters and metrics of a row apart. Rows of our own export have `parameters` and `metrics`.
 * Throws `UsageError` where a name is a parameter and a metric, or two names are one metric: so it is in every row.
 */
export function resultOf({ place, values, written }: Row, known: KnownNames): Result {
  const parameters: Record<string, ParameterValue> = {};
  const metrics: Record<string, number> = {};
  const details: Record<string, JsonValue> = {};
  const broken: { name: string; value: string }[] = [];
  const takenFrom = new Map<string, string>();
  const own = isObject(values['parameters']) && isObject(values['metrics']);
  const addMetric = (given: string, value: number): void => {
    const name = renamed[given] ?? given;
    const before = takenFrom.get(name);
    if (before !== undefined)
      throw new UsageError(`${place}: "${before}" and "${given}" are the same metric; leave one of them out`);
    takenFrom.set(name, given);
    if (Number.isFinite(value)) metrics[name] = value;
    else broken.push({ name, value: written?.get(given) ?? String(value) });
  };
  const take = (name: string, value: JsonValue, kind: Kind): void => {
    if (value === null) return;
    if (kind === 'metric' && typeof value === 'number') addMetric(name, value);
    else if (kind === 'parameter' && typeof value !== 'object') parameters[name] = value;
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
  const both = Object.keys(parameters).find((name) => takenFrom.has(name));
  if (both !== undefined)
    throw new UsageError(`${place}: "${both}" is a parameter and a metric; one of them needs another name`);
  if (own && isObject(values['details'])) Object.assign(details, values['details']);
  const { seed } = values;
  const result: Result = {
    place,
    parameters,
    ...(written ? { written } : {}),
    metrics,
    broken,
    details,
    ...stateOf(values['state']),
    ...(typeof seed === 'number' && Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32 ? { seed } : {}),
  };
  const [first] = broken;
  return result.state === 'completed' && first !== undefined
    ? { ...result, problem: `${first.name} is ${first.value}, which is no finite number` }
    : result;
}

type Kind = 'parameter' | 'metric' | 'detail';

function kindOf(name: string, { parameters, metrics }: KnownNames): Kind {
  if (metrics?.has(name) || metrics?.has(renamed[name] ?? name)) return 'metric';
  if (parameters?.has(name)) return 'parameter';
  if (ownFields.has(name)) return 'detail';
  return parameters || looksLikeMetric.test(name) ? 'metric' : 'parameter';
}
