import type { Trial } from '../../../sweep/trial.js';

/**
 * What a trial has in a column: `number`, `state`, `duration`, `worker`, `metric:<name>`, `parameter:<name>`, or
 * `activity`, which is most where something happens: what runs, then what ended last. What waits has none.
 */
export function cell(trial: Trial, column: string): string | number | boolean | undefined {
  const [kind, name = ''] = splitOnce(column);
  switch (kind) {
    case 'metric':
      return trial.metrics[name];
    case 'parameter':
      return trial.parameters[name];
    case 'state':
      return trial.state;
    case 'worker':
      return trial.workerId;
    case 'duration':
      return duration(trial);
    case 'activity':
      return trial.state === 'running' ? Infinity : trial.finishedAt;
    default:
      return trial.number;
  }
}

/** Seconds from the start of the last attempt to the end, where it has ended. */
export function duration({ startedAt, finishedAt }: Trial): number | undefined {
  return startedAt === undefined || finishedAt === undefined ? undefined : (finishedAt - startedAt) / 1000;
}

/** Sorted by a column (`-` in front: descending); trials without it come last, and equals by number. */
export function sortTrials(trials: readonly Trial[], sort: string): Trial[] {
  const descending = sort.startsWith('-');
  const column = descending ? sort.slice(1) : sort;
  const sign = descending ? -1 : 1;
  return trials
    .map((trial) => ({ trial, value: cell(trial, column) }))
    .sort((a, b) => {
      if (a.value === undefined || b.value === undefined) {
        return (
          Number(a.value === undefined) - Number(b.value === undefined) || a.trial.number - b.trial.number
        );
      }
      return sign * compare(a.value, b.value) || a.trial.number - b.trial.number;
    })
    .map(({ trial }) => trial);
}

function compare(a: string | number | boolean, b: string | number | boolean): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

function splitOnce(column: string): [string, string?] {
  const at = column.indexOf(':');
  return at < 0 ? [column] : [column.slice(0, at), column.slice(at + 1)];
}
