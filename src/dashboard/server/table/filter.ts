import { compileExpression, type Expression } from '../../../sweep/expression.js';
import { ExpressionError } from '../../../sweep/expression-syntax.js';
import { didYouMean } from '../../../sweep/nearest.js';
import type { ParameterValue } from '../../../sweep/parameter.js';
import { scalars } from '../../../sweep/space.js';
import { HttpError } from '../http-error.js';
import type { TrialTable } from './trial-table.js';

/** What a filter may name besides parameters and metrics, where none of these has the name. */
const ownNames = [
  'number',
  'configuration',
  'replicate',
  'state',
  'attempts',
  'step',
  'failure',
  'worker',
  'duration',
];

/** Numbers of the trials for which the expression is true, ascending. All where there is none. */
export function rowsWhere(table: TrialTable, where: string | undefined): Int32Array {
  const rows = new Int32Array(table.size);
  const state = table.state.values;
  let n = 0;
  const test = where === undefined || where.trim() === '' ? undefined : compileFilter(table, where);
  for (let row = 0; row < table.size; row++) {
    if (Number.isNaN(state[row]) || (test && !test(row))) continue;
    rows[n++] = row;
  }
  return rows.subarray(0, n);
}

/** @throws {HttpError} 400 where it is no expression, or names what is not there. */
function compileFilter(table: TrialTable, where: string): (row: number) => boolean {
  const expression = parse(where);
  const fixed = scalars(table.definition.fixed);
  const values: Record<string, ParameterValue | undefined> = {};
  const columns: (readonly [string, (row: number) => ParameterValue | undefined])[] = [];
  for (const name of expression.names) {
    const column =
      table.column(`metric:${name}`) ??
      table.column(`parameter:${name}`) ??
      (ownNames.includes(name) ? table.column(name) : undefined);
    if (column) columns.push([name, (row) => column.at(row)]);
    else if (Object.hasOwn(fixed, name)) values[name] = fixed[name];
    else if (!Object.hasOwn(table.definition.objectives, name)) throw unknownName(table, name);
  }
  return (row) => {
    for (const [name, at] of columns) values[name] = at(row);
    return expression.evaluate(values) === true;
  };
}

function parse(where: string): Expression {
  try {
    return compileExpression(where);
  } catch (error) {
    if (error instanceof ExpressionError) throw new HttpError(400, `where: ${error.message}`);
    throw error;
  }
}

function unknownName(table: TrialTable, name: string): HttpError {
  const known = [...table.parameterNames, ...table.metricNames, ...ownNames];
  return new HttpError(400, `where: there is no "${name}"${didYouMean(name, known)}`);
}
