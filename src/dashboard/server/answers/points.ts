import type { z } from 'zod';
import { states } from '../table/trial-table.js';
import type { ColumnData, PointsAnswer, pointsQuery, SlicesAnswer, slicesQuery } from '../../api/charts.js';
import type { Column } from '../table/column.js';
import { slice } from '../table/means.js';
import { sample } from '../table/sample.js';
import { code } from '../table/trial-table.js';
import { isDrawn, type SweepContext } from './context.js';

/** What comes in any case, at most: a sweep in which each trial beats the last must not send them all. */
const mostKept = 200;

/** Trials as points of charts that have their x in common. */
export function points(context: SweepContext, query: z.output<typeof pointsQuery>): PointsAnswer {
  const { table } = context;
  const x = context.column(query.x);
  const ys = query.y.map((id) => context.column(id));
  const drawn = context
    .rows(query.where)
    .filter((row) => isDrawn(table, row) && ys.some(({ values }) => !Number.isNaN(values[row])));
  const placed = drawn.filter((row) => !Number.isNaN(x.values[row]));
  const rows = sample({
    rows: placed,
    pairs: ys.map((y) => [x, y]),
    most: query.most,
    keep: remarkable(context, query.where, placed),
    group: table.configuration,
  });
  const ids = new Set([query.x, ...query.y, ...query.with]);
  return {
    revision: context.revision,
    total: placed.length,
    absent: drawn.length - placed.length,
    numbers: Array.from(rows),
    states: Array.from(rows, (row) => states[table.state.values[row] as number] ?? 'queued'),
    columns: Object.fromEntries([...ids].map((id) => [id, columnData(context.column(id), rows)])),
  };
}

/** Rows that must not be thinned away: what was the best once, what is on a front, what runs. */
function remarkable(context: SweepContext, where: string | undefined, rows: Int32Array): Set<number> {
  const { table, primary, sweep } = context;
  const kept = new Set<number>();
  const keep = (found: Iterable<number>): void => {
    for (const row of [...found].slice(-mostKept)) kept.add(row);
  };
  keep(context.history(primary, where).improvements.map(({ number }) => number));
  const configurations = context.configurations(where);
  for (const other of Object.keys(sweep.definition.objectives).slice(1, 4)) {
    const front = configurations.front(other, context.direction(other), primary, context.direction(primary));
    keep(front.map((position) => configurations.first[position] as number));
  }
  keep(rows.filter((row) => table.state.values[row] === code.running));
  // Of the trials that are drawn, and of no others.
  const drawn = new Set(rows);
  return new Set([...kept].filter((row) => drawn.has(row)));
}

export function columnData(column: Column, rows: Int32Array): ColumnData {
  return {
    log: column.scale === 'log',
    ...(column.categories && { categories: [...column.categories] }),
    values: Array.from(rows, (row) => finiteOrNull(column.values[row] ?? NaN)),
  };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Means of completed trials over x, for each value of a column of few. */
export function slices(context: SweepContext, query: z.output<typeof slicesQuery>): SlicesAnswer {
  const { table } = context;
  const x = context.column(query.x);
  const completed = context.rows(query.where).filter((row) => table.state.values[row] === code.completed);
  const by = query.by === undefined ? undefined : context.column(query.by);
  const groups = by?.categories
    ? by.categories.map((value, category) => ({
        value,
        rows: completed.filter((row) => by.values[row] === category),
      }))
    : by
      ? [...new Set(completed.map((row) => by.values[row] as number))]
          .sort((a, b) => a - b)
          .map((value) => ({ value, rows: completed.filter((row) => by.values[row] === value) }))
      : [{ value: undefined, rows: completed }];
  return {
    revision: context.revision,
    groups: groups.map(({ value, rows }) => ({
      ...(value !== undefined && { value }),
      slices: Object.fromEntries(
        query.y.map((id) => {
          // One more metric is no reason to work out the others again.
          const key = `slice ${JSON.stringify([query.x, id, query.by, value, query.where])}`;
          return [id, context.live.keep(key, () => slice(x, context.column(id), rows))];
        }),
      ),
    })),
  };
}
