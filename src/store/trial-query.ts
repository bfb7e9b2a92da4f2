import type { Dialect } from './dialect.js';
import type { TrialQuery } from './sweep-store.js';
import { objectiveColumns } from './trial-rows.js';

/** What follows `FROM trial`, and the parameters after the first, which is the sweep. */
export interface TrialSelection {
  readonly rest: string;
  readonly parameters: readonly (string | number)[];
}

/** A query as SQL, for trials whose number is over `after` if given. `objectives` are the sweep's, in its order. */
export function selectTrials(
  query: TrialQuery,
  objectives: readonly string[],
  dialect: Dialect,
  after?: number,
): TrialSelection {
  const parameters: (string | number)[] = [];
  const parameter = (value: string | number): string => `$${parameters.push(value) + 1}`;
  const { states, orderBy, limit, offset } = query;

  let rest = 'trial WHERE sweep_id = $1';
  if (after !== undefined) rest += ` AND number > ${parameter(after)}`;
  if (states) {
    // Found by state, all trials in it would have to be sorted: an expression is in no index.
    const state = orderBy ? `(state || '')` : 'state';
    rest += states.length > 0 ? ` AND ${state} IN (${states.map(parameter).join(', ')})` : ' AND 1 = 0';
  }
  if (orderBy) {
    const { metric, direction } = orderBy;
    const column = objectiveColumns[objectives.indexOf(metric)] ?? dialect.metric(parameter(metric));
    rest += ` ORDER BY ${column} ${direction === 'ascending' ? 'ASC' : 'DESC'} NULLS LAST, number`;
  } else {
    rest += ' ORDER BY number';
  }
  // SQLite has no OFFSET without a LIMIT.
  if (limit !== undefined || offset !== undefined) {
    rest += ` LIMIT ${parameter(limit ?? Number.MAX_SAFE_INTEGER)}`;
  }
  if (offset !== undefined) rest += ` OFFSET ${parameter(offset)}`;
  return { rest, parameters };
}
