import type { z } from 'zod';
import { states } from '../table/trial-table.js';
import type { ColumnData, PointsAnswer, pointsQuery, SlicesAnswer, slicesQuery } from '../../api/charts.js';
import type { Column } from '../table/column.js';
import { slice } from '../table/means.js';
import { sample } from '../table/sample.js';
import { code } from '../table/trial-table.js';
import type { SweepContext } from './context.js';

/** What comes in any case, at most: a sweep in which each trial beats the last must not send them all. */
const mostKept = 200;

/** Trials as points of charts that have their x in common. */
export function points(context: SweepContext, query: z.output<typeof pointsQuery>): PointsAnswer {
  const { table } = context;
  const x = context.column(query.x);
  const ys = query.y.map((id) => context.column(id));
  const drawn = those(context.drawn(query.where), (row) =>
    ys.some(({ values }) => !Number.isNaN(values[row])),
  );
  const placed = those(drawn, (row) => !Number.isNaN(x.values[row]));
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
    ...(!context.live.isWhole && { partial: true }),
    numbers: Array.from(rows),
    states: Array.from(rows, (row) => states[table.state.values[row] as number] ?? 'queued'),
    columns: Object.fromEntries([...ids].map((id) => [id, columnData(context.column(id), rows)])),
  };
}

/** The same array where it is all of them: what is known of it holds on. */
function those(rows: Int32Array, test: (row: number) => boolean): Int32Array {
  return rows.every(test) ? rows : rows.filter(test);
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
  return new Set([...kept].filter((row) => includes(rows, row)));
}

/** Of ascending rows. */
function includes(rows: Int32Array, row: number): boolean {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as number) < row) low = middle + 1;
    else high = middle;
  }
  return rows[low] === row;
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
  const groups = context.live.keep(`groups ${JSON.stringify([query.by, query.where])}`, () => {
    const completed = context.rows(query.where).filter((row) => table.state.values[row] === code.completed);
    return query.by === undefined
      ? [{ value: undefined, rows: completed }]
      : groupsOf(completed, context.column(query.by));
  });
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

/** A group of rows for each value of a column: its categories, or its numbers ascending. */
function groupsOf(rows: Int32Array, by: Column) {
  const has = (value: number): Int32Array => rows.filter((row) => by.values[row] === value);
  return by.categories
    ? by.categories.map((value, category) => ({ value, rows: has(category) }))
    : [...new Set(rows.map((row) => by.values[row] as number))]
        .sort((a, b) => a - b)
        .map((value) => ({ value, rows: has(value) }));
}
