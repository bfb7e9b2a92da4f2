import { createHash } from 'node:crypto';
import type { Metrics } from '../sweep/trial.js';
import type { AttemptProgress } from './record-plan.js';
import type { Columns, RowOf } from './rows.js';
import { present, storable } from './rows.js';
import type { AttemptRecord, DecisionRecord, LogRecord, ReportRecord } from './sweep-store.js';
import { failureOf, metricsText, millisecondsOrNull, storableOrNull } from './trial-rows.js';

/** Columns of `attempt`. */
export const attemptColumns = {
  number: 'integer',
  attempt: 'integer',
  worker_id: 'text',
  started_at: 'bigint',
  finished_at: 'bigint?',
  outcome: 'text?',
  failure_class: 'text?',
  failure_message: 'text?',
  pack: 'text?',
} as const satisfies Columns;

/** Columns of `log`. */
export const logColumns = {
  number: 'integer',
  attempt: 'integer',
  sequence: 'integer',
  lines: 'text',
  logged_at: 'bigint',
} as const satisfies Columns;

/** Columns of `report`. */
export const reportColumns = {
  number: 'integer',
  attempt: 'integer',
  sequence: 'integer',
  step: 'real',
  metrics: 'text',
  reported_at: 'bigint',
} as const satisfies Columns;

/** Columns of `decision`. */
export const decisionColumns = {
  position: 'integer',
  number: 'integer?',
  action: 'text',
  reason: 'text',
  decided_at: 'bigint',
  digest: 'text',
} as const satisfies Columns;

export function attemptRow(attempt: AttemptProgress): RowOf<typeof attemptColumns> {
  return {
    number: attempt.number,
    attempt: attempt.attempt,
    worker_id: storable(attempt.workerId),
    started_at: Math.round(attempt.startedAt),
    finished_at: millisecondsOrNull(attempt.finishedAt),
    outcome: attempt.outcome ?? null,
    failure_class: attempt.failure?.class ?? null,
    failure_message: storableOrNull(attempt.failure?.message),
    pack: attempt.pack ? JSON.stringify(attempt.pack) : null,
  };
}

export function attemptOf(row: RowOf<typeof attemptColumns>): AttemptRecord {
  return {
    number: row.number,
    attempt: row.attempt,
    workerId: row.worker_id,
    startedAt: row.started_at,
    ...present('finishedAt', row.finished_at),
    ...present('outcome', row.outcome as NonNullable<AttemptRecord['outcome']> | null),
    ...present('failure', failureOf(row.failure_class, row.failure_message)),
    ...(row.pack === null ? {} : { pack: JSON.parse(row.pack) as number[] }),
  };
}

export function logRow(log: LogRecord): RowOf<typeof logColumns> {
  return {
    number: log.number,
    attempt: log.attempt,
    sequence: log.sequence,
    lines: JSON.stringify(log.lines.map(storable)),
    logged_at: Math.round(log.loggedAt),
  };
}

export function logOf(row: RowOf<typeof logColumns>): LogRecord {
  return {
    number: row.number,
    attempt: row.attempt,
    sequence: row.sequence,
    lines: JSON.parse(row.lines) as string[],
    loggedAt: row.logged_at,
  };
}

export function reportRow(report: ReportRecord): RowOf<typeof reportColumns> {
  return {
    number: report.number,
    attempt: report.attempt,
    sequence: report.sequence,
    step: report.step,
    metrics: metricsText(report.number, report.metrics),
    reported_at: Math.round(report.reportedAt),
  };
}

export function reportOf(row: RowOf<typeof reportColumns>): ReportRecord {
  return {
    number: row.number,
    attempt: row.attempt,
    sequence: row.sequence,
    step: row.step,
    metrics: JSON.parse(row.metrics) as Metrics,
    reportedAt: row.reported_at,
  };
}

export function decisionRow(decision: DecisionRecord, position: number): RowOf<typeof decisionColumns> {
  const { number = null, action } = decision;
  const reason = storable(decision.reason);
  const decidedAt = Math.round(decision.decidedAt);
  const content = JSON.stringify([number, action, reason, decidedAt]);
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  return { position, number, action, reason, decided_at: decidedAt, digest };
}

export function decisionOf(sweepId: string, row: RowOf<typeof decisionColumns>): DecisionRecord {
  return {
    sweepId,
    ...present('number', row.number),
    action: row.action,
    reason: row.reason,
    decidedAt: row.decided_at,
  };
}
