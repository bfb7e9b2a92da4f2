import { show } from '../../../sweep/domain.js';
import type { ParameterValue } from '../../../sweep/parameter.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { isTerminal, type Trial } from '../../../sweep/trial.js';
import { formatNumber } from '../../../sweep/units.js';
import { csvLines, type CsvCell } from './csv.js';
import { formatColumn, renderTable, type Column } from './table.js';

/** A trial as commands print it in JSON (docs/commands.md). Times are ISO 8601. */
export function trialJson(trial: Trial): Record<string, unknown> {
  const { startedAt, finishedAt } = trial;
  return {
    number: trial.number,
    state: trial.state,
    parameters: trial.parameters,
    metrics: trial.metrics,
    configuration: trial.configuration,
    replicate: trial.replicate,
    seed: trial.seed,
    attempts: trial.attempts,
    lastStep: trial.lastStep ?? null,
    failure: trial.failure ?? null,
    reason: trial.reason ?? null,
    workerId: trial.workerId ?? null,
    createdAt: isoTime(trial.createdAt),
    startedAt: isoTime(startedAt),
    finishedAt: isoTime(finishedAt),
  };
}

export function isoTime(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

/** Metrics of these trials: the objectives first, then the others by name. */
export function metricNames(definition: SweepDefinition, trials: Iterable<Pick<Trial, 'metrics'>>): string[] {
  const objectives = Object.keys(definition.objectives);
  const others = new Set<string>();
  for (const { metrics } of trials) for (const name of Object.keys(metrics)) others.add(name);
  for (const name of objectives) others.delete(name);
  return [...objectives, ...[...others].sort()];
}

const csvFields = [
  'number',
  'state',
  'configuration',
  'replicate',
  'seed',
  'attempts',
  'lastStep',
  'failureClass',
  'failureMessage',
  'reason',
  'workerId',
  'createdAt',
  'startedAt',
  'finishedAt',
] as const;

/** Trials as CSV: fields, then `parameters.*` in the order of the space, then `metrics.*`. */
export class TrialCsv {
  private readonly parameters: readonly string[];

  constructor(
    definition: SweepDefinition,
    private readonly metrics: readonly string[],
  ) {
    this.parameters = Object.keys(definition.space);
  }

  header(): string {
    return csvLines([
      [
        ...csvFields,
        ...this.parameters.map((name) => `parameters.${name}`),
        ...this.metrics.map((name) => `metrics.${name}`),
      ],
    ]);
  }

  lines(trials: readonly Trial[]): string {
    return csvLines(
      trials.map((trial): CsvCell[] => [
        trial.number,
        trial.state,
        trial.configuration,
        trial.replicate,
        trial.seed,
        trial.attempts,
        trial.lastStep,
        trial.failure?.class,
        trial.failure?.message,
        trial.reason,
        trial.workerId,
        isoTime(trial.createdAt) ?? undefined,
        isoTime(trial.startedAt) ?? undefined,
        isoTime(trial.finishedAt) ?? undefined,
        ...this.parameters.map((name) => trial.parameters[name]),
        ...this.metrics.map((name) => trial.metrics[name]),
      ]),
    );
  }
}

/** Columns of parameters, for tables. */
export function parameterColumns(
  definition: SweepDefinition,
  configurations: readonly Readonly<Record<string, ParameterValue>>[],
): Column[] {
  return Object.keys(definition.space).map((name) => {
    const values = configurations.map((parameters) => parameters[name]);
    const numeric = values.every((value) => value === undefined || typeof value === 'number');
    return {
      title: name,
      cells: values.map(showParameter),
      importance: definition.space[name]?.kind === 'derived' ? 2 : 5,
      ...(numeric ? { align: 'right' as const } : {}),
    };
  });
}

export function showParameter(value: ParameterValue | undefined): string {
  if (value === undefined) return '-';
  if (typeof value === 'string') return oneLine(value);
  return typeof value === 'number' ? formatNumber(value) : show(value);
}

/** Control characters would move the cursor of who looks at the table. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** Trials as a table: state, parameters, metrics, and why it ended as it did. */
export function trialTable(definition: SweepDefinition, trials: readonly Trial[], width?: number): string {
  const metrics = metricNames(definition, trials);
  const objectives = Object.keys(definition.objectives);
  const notes = trials.map((trial) => oneLine(note(trial)));
  const columns: Column[] = [
    { title: 'trial', cells: trials.map(({ number }) => String(number)), align: 'right', importance: 9 },
    { title: 'state', cells: trials.map(({ state }) => state), importance: 8 },
    ...((definition.maxReplicates ?? definition.replicates) > 1
      ? [
          {
            title: 'replicate',
            cells: trials.map((trial) => String(trial.replicate)),
            align: 'right' as const,
          },
        ]
      : []),
    ...parameterColumns(
      definition,
      trials.map(({ parameters }) => parameters),
    ),
    ...metrics.map((name) => ({
      title: name,
      cells: formatColumn(trials.map((trial) => trial.metrics[name])),
      align: 'right' as const,
      importance: objectives.includes(name) ? 6 : 1,
    })),
    ...(notes.some((text) => text !== '') ? [{ title: 'note', cells: notes, importance: 6 }] : []),
  ];
  return renderTable(columns, width);
}

function note({ state, failure, reason, lastStep, attempts }: Trial): string {
  if (failure) return `${failure.class}: ${failure.message}`;
  if (reason !== undefined) return reason;
  if (isTerminal(state)) return '';
  const step = lastStep === undefined ? '' : `step ${lastStep}`;
  const again = attempts > 1 ? `attempt ${attempts}` : '';
  return [step, again].filter((text) => text !== '').join(', ');
}
