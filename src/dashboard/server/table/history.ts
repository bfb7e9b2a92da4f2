import { Direction } from '../../../sweep/sweep-definition.js';
import type { Column } from './column.js';
import { code, type TrialTable } from './trial-table.js';

/** Each time the best value became better. */
export interface Improvement {
  readonly number: number;
  readonly value: number;
  /** How many trials had completed with it: 1, 2, 3, ... */
  readonly completed: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface History {
  readonly improvements: readonly Improvement[];
  /** Completed trials that have the metric, in the order in which they finished. */
  readonly rows: Int32Array;
}

/** How the best value of a metric came about, among completed trials; only feasible ones improve it. */
export function historyOf(
  table: TrialTable,
  metric: Column,
  direction: Direction,
  rows: Int32Array,
  isFeasible: (row: number) => boolean,
): History {
  const completed = rows.filter(
    (row) => table.state.values[row] === code.completed && !Number.isNaN(metric.values[row]),
  );
  const finished = table.finished.values;
  // Nearly in order already, which this sort is quick with and that of typed arrays is not.
  const order = Array.from(completed).sort(
    (a, b) => (finished[a] as number) - (finished[b] as number) || a - b,
  );
  const sign = direction === Direction.Maximize ? -1 : 1;
  const improvements: Improvement[] = [];
  let best = Infinity;
  order.forEach((row, index) => {
    const value = metric.values[row] as number;
    if (sign * value >= best || !isFeasible(row)) return;
    best = sign * value;
    improvements.push({ number: row, value, completed: index + 1, at: finished[row] as number });
  });
  return { improvements, rows: Int32Array.from(order) };
}
