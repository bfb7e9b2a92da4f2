import type {
  AttemptRecord,
  DecisionRecord,
  LogRecord,
  ReportRecord,
  SweepRecord,
} from '../../../store/sweep-store.js';
import type { JsonValue } from '../../../sweep/json.js';
import { repeatFile } from '../../../sweep/repeat-file.js';
import type { Trial } from '../../../sweep/trial.js';
import { formatDuration, formatNumber } from '../../../sweep/units.js';
import { scheduleLines, type ScheduleEntry } from './schedule-view.js';
import { sparkline } from './spark.js';
import { renderTable } from './table.js';
import { isoTime, metricNames, oneLine, showParameter, trialJson } from './trial-view.js';

const shownLines = 20;

/** All that is stored of one trial. */
export interface TrialReport {
  readonly sweep: SweepRecord;
  readonly trial: Trial;
  readonly attempts: readonly AttemptRecord[];
  readonly reports: readonly ReportRecord[];
  readonly logs: readonly LogRecord[];
  readonly decisions: readonly DecisionRecord[];
  /** With population-based training: the intervals that led to it. Empty: it is a training of its own. */
  readonly schedule: readonly ScheduleEntry[];
}

/** A metric over the steps of a trial, over all attempts: the later attempt is right where two have a step. */
export interface Curve {
  readonly metric: string;
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

export function curvesOf(reports: readonly ReportRecord[]): Curve[] {
  const bySteps = new Map<string, Map<number, number>>();
  // In the order of attempt and sequence, so that the last one wins.
  for (const { step, metrics } of reports) {
    for (const [name, value] of Object.entries(metrics)) {
      const steps = bySteps.get(name) ?? new Map<number, number>();
      bySteps.set(name, steps);
      steps.set(step, value);
    }
  }
  return [...bySteps].map(([metric, steps]) => {
    const sorted = [...steps].sort(([a], [b]) => a - b);
    return { metric, steps: sorted.map(([step]) => step), values: sorted.map(([, value]) => value) };
  });
}

export function trialReportJson({
  sweep,
  trial,
  attempts,
  reports,
  logs,
  decisions,
  schedule,
}: TrialReport): Record<string, unknown> {
  return {
    sweep: sweep.definition.name,
    sweepId: sweep.id,
    ...trialJson(trial),
    details: trial.details ?? null,
    attemptList: attempts.map(({ attempt, workerId, startedAt, finishedAt, outcome, failure, pack }) => ({
      attempt,
      workerId,
      startedAt: isoTime(startedAt),
      finishedAt: isoTime(finishedAt),
      outcome: outcome ?? null,
      failure: failure ?? null,
      pack: pack ?? [trial.number],
      log: linesOf(logs, attempt),
    })),
    curves: curvesOf(reports),
    decisions: decisions.map(({ action, reason, decidedAt }) => ({
      action,
      reason,
      decidedAt: isoTime(decidedAt),
    })),
    ...(schedule.length > 0 ? { schedule } : { repeat: repeatFile(sweep.definition, trial) }),
  };
}

export function trialReportLines(report: TrialReport): string[] {
  const { sweep, trial, attempts, logs, decisions } = report;
  const { definition } = sweep;
  const time =
    trial.startedAt !== undefined && trial.finishedAt !== undefined
      ? ` in ${formatDuration((trial.finishedAt - trial.startedAt) / 1000)}`
      : '';
  const lines = [
    `trial ${trial.number} of ${definition.name} (${sweep.id}): ${trial.state}${time}`,
    `  configuration ${trial.configuration}, replicate ${trial.replicate}, seed ${trial.seed}`,
  ];
  if (trial.reason !== undefined) lines.push(`  ${oneLine(trial.reason)}`);
  if (trial.failure) lines.push(`  failed by ${trial.failure.class}: ${oneLine(trial.failure.message)}`);
  const parameters = Object.keys(definition.space).filter((name) => trial.parameters[name] !== undefined);
  lines.push(
    '',
    'parameters',
    ...pairs(parameters.map((name) => [name, showParameter(trial.parameters[name])])),
  );
  const metrics = metricNames(definition, [trial]).filter((name) => trial.metrics[name] !== undefined);
  if (metrics.length > 0)
    lines.push(
      '',
      'metrics',
      ...pairs(metrics.map((name) => [name, formatNumber(trial.metrics[name] ?? NaN, 6)])),
    );
  const curves = curvesOf(report.reports).filter(({ steps }) => steps.length > 1);
  if (curves.length > 0) lines.push('', 'curves', ...curveLines(curves));
  lines.push(...confusionLines(trial.details));
  if (attempts.length > 0) lines.push('', 'attempts', ...attempts.map(attemptLine));
  for (const { attempt } of attempts) lines.push(...logLines(linesOf(logs, attempt), attempt));
  if (decisions.length > 0) {
    lines.push('', 'decisions');
    for (const { action, reason, decidedAt } of decisions)
      lines.push(`  ${clock(decidedAt)}  ${action}: ${oneLine(reason)}`);
  }
  lines.push(...(report.schedule.length > 0 ? scheduleOf(report) : repeatLines(sweep, trial)));
  return lines;
}

function repeatLines(sweep: SweepRecord, trial: Trial): string[] {
  const lines = repeatFile(sweep.definition, trial).trimEnd().split('\n');
  const title = 'repeat it with this sweep file (its seed follows from sweep, configuration and replicate)';
  return ['', title, ...lines.map((line) => `  ${line}`)];
}

/** No sweep file says that parameters change on the way. */
function scheduleOf({ sweep: { definition }, schedule }: TrialReport): string[] {
  return ['', 'schedule', ...scheduleLines(definition, schedule).map((line) => `  ${line}`)];
}

function pairs(entries: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function curveLines(curves: readonly Curve[]): string[] {
  const width = Math.max(...curves.map(({ metric }) => metric.length));
  return curves.map(({ metric, steps, values }) => {
    const [first = NaN, last = NaN] = [values[0], values.at(-1)];
    const range = `${formatNumber(first, 3)} to ${formatNumber(last, 3)}, steps ${steps[0]} to ${steps.at(-1)}`;
    return `  ${metric.padEnd(width)}  ${sparkline(values, 40)}  ${range}`;
  });
}

function attemptLine(record: AttemptRecord): string {
  const { attempt, workerId, startedAt, finishedAt, outcome, failure, pack } = record;
  const took = finishedAt === undefined ? 'runs' : formatDuration((finishedAt - startedAt) / 1000);
  const why = failure ? `: ${failure.class}: ${oneLine(failure.message)}` : '';
  const others = pack?.filter((number) => number !== record.number) ?? [];
  const beside = others.length === 0 ? '' : `  (in a pack with ${others.join(', ')})`;
  return `  ${attempt}  ${clock(startedAt)}  ${workerId}  ${took}${outcome === undefined ? '' : `  ${outcome}`}${beside}${why}`;
}

function linesOf(logs: readonly LogRecord[], attempt: number): string[] {
  return logs.filter((log) => log.attempt === attempt).flatMap(({ lines }) => lines);
}

/** The last lines; `coordinator logs` has all. */
function logLines(all: readonly string[], attempt: number): string[] {
  if (all.length === 0) return [];
  const shown = all.slice(-shownLines);
  const part = shown.length < all.length ? `, last ${shown.length} of ${all.length} lines` : '';
  return ['', `log of attempt ${attempt}${part}`, ...shown.map((line) => `  ${oneLine(line)}`)];
}

/** `2026-01-31 14:05:12`, UTC. */
export function clock(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}

/** `details: { confusion: [[...]], classes?: [...] }`, rows are the true classes; other names with these words, too. */
function confusionLines(details: JsonValue | undefined): string[] {
  if (details === null || typeof details !== 'object' || Array.isArray(details)) return [];
  const entry = Object.entries(details).find(([name]) => /confusion/i.test(name));
  const matrix = entry?.[1];
  if (!Array.isArray(matrix) || !matrix.every((row) => Array.isArray(row))) return [];
  const labels = Object.entries(details).find(([name]) => /labels|classes/i.test(name))?.[1];
  const nameOf = (index: number): string =>
    Array.isArray(labels) && typeof labels[index] === 'string' ? labels[index] : String(index);
  const rows = matrix as JsonValue[][];
  const table = renderTable([
    { title: 'true \\ predicted', cells: rows.map((_, i) => nameOf(i)) },
    ...(rows[0] ?? []).map((_, column) => ({
      title: nameOf(column),
      cells: rows.map((row) => JSON.stringify(row[column] ?? '')),
      align: 'right' as const,
    })),
  ]);
  return [
    '',
    'confusion matrix',
    ...table
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ];
}
