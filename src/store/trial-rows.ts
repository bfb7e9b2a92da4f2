import type { JsonValue } from '../sweep/json.js';
import type { Parameters } from '../sweep/parameter.js';
import type { Failure, FailureClass, Metrics, Trial, TrialState } from '../sweep/trial.js';
import type { TrialProgress } from './record-plan.js';
import type { Columns, RowOf } from './rows.js';
import { present, storable } from './rows.js';
import type { NewTrial, TrialOutline } from './sweep-store.js';

/** The metrics that are a sweep's first objectives have these columns, in its order. */
export const objectiveColumns = ['objective1', 'objective2', 'objective3', 'objective4'] as const;

/** Columns of `trial` that are written when it is added. */
export const addedColumns = {
  number: 'integer',
  configuration: 'integer',
  replicate: 'integer',
  seed: 'bigint',
  parameters: 'text',
  origin: 'text?',
  created_at: 'bigint',
  revision: 'integer',
} as const satisfies Columns;

/** Columns of `trial` that have to be known to tell what a batch does to it. */
export const progressColumns = {
  number: 'integer',
  state: 'text',
  attempts: 'integer',
  sequence: 'integer',
  metrics: 'text',
  last_step: 'real?',
  worker_id: 'text?',
  started_at: 'bigint?',
} as const satisfies Columns;

/** Columns of `trial` that are written when it changes, but for the objectives'. */
const resultColumns = {
  ...progressColumns,
  details: 'text?',
  failure_class: 'text?',
  failure_message: 'text?',
  reason: 'text?',
  finished_at: 'bigint?',
  revision: 'integer',
} as const satisfies Columns;

/** Columns of `trial` that are written when it changes. */
export const changedColumns = {
  ...resultColumns,
  objective1: 'real?',
  objective2: 'real?',
  objective3: 'real?',
  objective4: 'real?',
} as const satisfies Columns;

/** Columns of `trial` that make a `Trial`. */
export const trialColumns = { ...addedColumns, ...resultColumns } as const satisfies Columns;

/** Columns of `trial` that make a `TrialOutline`. */
export const outlineColumns = {
  number: 'integer',
  configuration: 'integer',
  replicate: 'integer',
  created_at: 'bigint',
  state: 'text',
  attempts: 'integer',
  last_step: 'real?',
  failure_class: 'text?',
  worker_id: 'text?',
  started_at: 'bigint?',
  finished_at: 'bigint?',
  revision: 'integer',
  parameters: 'json',
  metrics: 'json',
} as const satisfies Columns;

type OutlineRow = RowOf<typeof outlineColumns>;

/**
 * Of the values of `outlineColumns`, in their order: for a hundred thousand trials, objects by column name in between
 * would take as long as all the rest.
 */
export function outlineOf(values: readonly unknown[]): TrialOutline {
  const lastStep = values[6] as string | null;
  return {
    number: values[0] as OutlineRow['number'],
    configuration: values[1] as OutlineRow['configuration'],
    replicate: values[2] as OutlineRow['replicate'],
    createdAt: values[3] as OutlineRow['created_at'],
    state: values[4] as TrialState,
    attempts: values[5] as OutlineRow['attempts'],
    lastStep: lastStep === null ? null : Number(lastStep),
    failureClass: values[7] as FailureClass | null,
    workerId: values[8] as OutlineRow['worker_id'],
    startedAt: values[9] as OutlineRow['started_at'],
    finishedAt: values[10] as OutlineRow['finished_at'],
    revision: values[11] as OutlineRow['revision'],
    parameters: values[12] as Parameters,
    metrics: values[13] as Metrics,
  };
}

export function addedRow(trial: NewTrial, createdAt: number, revision: number): RowOf<typeof addedColumns> {
  return {
    number: trial.number,
    configuration: trial.configuration,
    replicate: trial.replicate,
    seed: trial.seed,
    parameters: JSON.stringify(trial.parameters),
    origin: textOrNull(trial.origin),
    created_at: createdAt,
    revision,
  };
}

export function changedRow(
  trial: TrialProgress,
  objectives: readonly string[],
  revision: number,
): RowOf<typeof changedColumns> {
  const objective = (index: number): number | null => trial.metrics[objectives[index] ?? ''] ?? null;
  return {
    number: trial.number,
    state: trial.state,
    attempts: trial.attempts,
    sequence: trial.sequence,
    metrics: metricsText(trial.number, trial.metrics),
    last_step: trial.lastStep ?? null,
    worker_id: storableOrNull(trial.workerId),
    started_at: millisecondsOrNull(trial.startedAt),
    details: textOrNull(trial.details),
    failure_class: trial.failure?.class ?? null,
    failure_message: storableOrNull(trial.failure?.message),
    reason: storableOrNull(trial.reason),
    finished_at: millisecondsOrNull(trial.finishedAt),
    revision,
    objective1: objective(0),
    objective2: objective(1),
    objective3: objective(2),
    objective4: objective(3),
  };
}

export function progressOf(row: RowOf<typeof progressColumns>): TrialProgress {
  return {
    number: row.number,
    state: row.state as TrialState,
    attempts: row.attempts,
    sequence: row.sequence,
    metrics: JSON.parse(row.metrics) as Metrics,
    ...present('lastStep', row.last_step),
    ...present('workerId', row.worker_id),
    ...present('startedAt', row.started_at),
  };
}

export function trialOf(sweepId: string, row: RowOf<typeof trialColumns>): Trial {
  return {
    sweepId,
    configuration: row.configuration,
    replicate: row.replicate,
    seed: row.seed,
    parameters: JSON.parse(row.parameters) as Parameters,
    ...present('origin', row.origin, parseJson),
    number: row.number,
    state: row.state as TrialState,
    attempts: row.attempts,
    metrics: JSON.parse(row.metrics) as Metrics,
    ...present('lastStep', row.last_step),
    ...present('details', row.details, parseJson),
    ...present('failure', failureOf(row.failure_class, row.failure_message)),
    ...present('reason', row.reason),
    ...present('workerId', row.worker_id),
    createdAt: row.created_at,
    ...present('startedAt', row.started_at),
    ...present('finishedAt', row.finished_at),
  };
}

export function failureOf(failureClass: string | null, message: string | null): Failure | null {
  return failureClass === null ? null : { class: failureClass as FailureClass, message: message ?? '' };
}

/** Throws a TypeError for a metric that JSON can't hold. */
export function metricsText(number: number, metrics: Metrics): string {
  for (const [name, value] of Object.entries(metrics)) {
    if (!Number.isFinite(value)) {
      throw new TypeError(`metric ${name} of trial ${number} must be a finite number, and is ${value}`);
    }
  }
  return JSON.stringify(metrics);
}

export function storableOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storable(text);
}

/** Times are kept as whole milliseconds. */
export function millisecondsOrNull(time: number | undefined): number | null {
  return time === undefined ? null : Math.round(time);
}

function textOrNull(value: JsonValue | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function parseJson(text: string): JsonValue {
  return JSON.parse(text) as JsonValue;
}
