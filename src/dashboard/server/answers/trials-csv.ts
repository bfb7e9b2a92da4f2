import { stringify } from 'csv-stringify/sync';
import type { z } from 'zod';
import type { trialsCsvQuery } from '../../api/trials.js';
import { metricNames } from '../../metrics.js';
import type { SweepContext } from './context.js';
import { sortedRows } from './trials.js';

type CsvColumn = ReturnType<SweepContext['column']>;

/** Rows made into text at once. */
const page = 2_000;

/**
 * The table of trials as CSV, a part at a time: all of them would be 30 MB for 100,000.
 * @throws HttpError at once, before there is a part
 */
export function trialsCsv(
  context: SweepContext,
  { where, state, sort }: z.output<typeof trialsCsvQuery>,
): Generator<string> {
  const { table, sweep } = context;
  const rows = sortedRows(context, where, state, sort);
  const plain = [
    'number',
    'state',
    'configuration',
    'replicate',
    'attempts',
    'step',
    'duration',
    'worker',
    'failure',
  ];
  const metrics = metricNames(sweep.definition, table.metricNames);
  const columns = [
    ...plain.map((name) => [name, context.column(name)] as const),
    ...metrics.map((name) => [name, context.column(`metric:${name}`)] as const),
    ...table.parameterNames.map((name) => [name, context.column(`parameter:${name}`)] as const),
  ];
  return parts(rows, columns);
}

function* parts(rows: Int32Array, columns: readonly (readonly [string, CsvColumn])[]): Generator<string> {
  yield stringify([columns.map(([name]) => name)]);
  for (let first = 0; first < rows.length; first += page) {
    const part = Array.from(rows.subarray(first, first + page), (row) =>
      columns.map(([, column]) => column.at(row)),
    );
    yield stringify(part, { cast: { boolean: String } });
  }
}
