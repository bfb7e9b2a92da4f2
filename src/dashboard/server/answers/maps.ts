import type { z } from 'zod';
import { Direction } from '../../../sweep/sweep-definition.js';
import type { DistributionsAnswer, distributionsQuery, GridAnswer, gridQuery } from '../../api/views.js';
import type { Column } from '../table/column.js';
import { bins, binOf, grid } from '../table/means.js';
import { scaleOf } from '../table/scale.js';
import { sortRows } from '../table/sorted-rows.js';
import { code } from '../table/trial-table.js';
import type { SweepContext } from './context.js';

/** Means of a column over two others. */
export function gridOf(context: SweepContext, query: z.output<typeof gridQuery>): GridAnswer {
  const x = context.column(query.x);
  const y = context.column(query.y);
  const value = context.column(query.value);
  const rows = completed(context, query.where);
  const found = grid(
    x,
    y,
    value,
    rows,
    query.bins ?? Math.min(24, Math.max(5, Math.round(Math.sqrt(rows.length)))),
  );
  const axis = (column: Column, edges: readonly number[]) => ({
    log: scaleOf(column, rows)?.log ?? false,
    ...(column.categories && { categories: [...column.categories] }),
    edges: [...edges],
  });
  return {
    revision: context.revision,
    ...(found && {
      grid: {
        x: axis(x, found.x),
        y: axis(y, found.y),
        means: found.means.map((line) => [...line]),
        counts: found.counts.map((line) => [...line]),
      },
    }),
  };
}

function completed(context: SweepContext, where: string | undefined): Int32Array {
  const { values } = context.table.state;
  return context.rows(where).filter((row) => values[row] === code.completed);
}

/** Where the values of each parameter lie, and where those of the best tenth do. */
export function distributions(
  context: SweepContext,
  query: z.output<typeof distributionsQuery>,
): DistributionsAnswer {
  const { table } = context;
  const metric = query.metric ?? context.primary;
  const all = context.rows(query.where);
  const measured = completed(context, query.where).filter(
    (row) => !Number.isNaN(context.metric(metric).values[row]),
  );
  const descending = context.direction(metric) === Direction.Maximize;
  const best = sortRows(measured, context.metric(metric), descending).subarray(
    0,
    Math.ceil(measured.length / 10),
  );
  return {
    revision: context.revision,
    metric,
    best: best.length,
    total: all.length,
    parameters: table.parameterNames.flatMap((name) => {
      const histogram = histogramOf(context.column(`parameter:${name}`), all, best);
      return histogram ? [{ name, ...histogram }] : [];
    }),
  };
}

function histogramOf(column: Column, all: Int32Array, best: Int32Array) {
  const scale = scaleOf(column, all);
  if (!scale) return undefined;
  const size = column.categories?.length ?? distinct(column, all) ?? bins;
  const count = (rows: Int32Array): number[] => {
    const counts = new Array<number>(size).fill(0);
    for (const row of rows) {
      const value = column.values[row] as number;
      if (Number.isNaN(value)) continue;
      const at = column.categories ? value : binOf(scale, value, size);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    return counts;
  };
  return {
    log: scale.log,
    ...(column.categories && { categories: [...column.categories] }),
    edges: Array.from({ length: size + 1 }, (_, edge) => scale.at(edge / size)),
    all: count(all),
    best: count(best),
  };
}

/** How many values there are, where that is few. */
function distinct(column: Column, rows: Int32Array): number | undefined {
  const seen = new Set<number>();
  for (const row of rows) {
    seen.add(column.values[row] as number);
    if (seen.size > bins) return undefined;
  }
  return Math.max(seen.size, 1);
}
