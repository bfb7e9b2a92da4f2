import type { Dialect } from './dialect.js';
import type { TrialQuery } from './sweep-store.js';
import { objectiveColumns } from './trial-rows.js';

/** What follows `FROM trial`, and the parameters after the first, which is the sweep. */
export interface TrialSelection {
  readonly rest: string;
  readonly parameters: readonly (string | number)[];
}

/** A query as SQL, for trials whose number is over `after`. `objectives` are the sweep's, in its order. */
export function selectTrials(
  query: TrialQuery,
  after: number,
  objectives: readonly string[],
  dialect: Dialect,
): TrialSelection {
  const parameters: (string | number)[] = [after];
  const parameter = (value: string | number): string => `$${parameters.push(value) + 1}`;

  let rest = 'trial WHERE sweep_id = $1 AND number > $2';
  if (query.states) {
    const states = query.states.map(parameter).join(', ');
    rest += query.states.length > 0 ? ` AND state IN (${states})` : ' AND 1 = 0';
  }
  if (query.orderBy) {
    const { metric, direction } = query.orderBy;
    const column = objectiveColumns[objectives.indexOf(metric)] ?? dialect.metric(parameter(metric));
    rest += ` ORDER BY ${column} ${direction === 'ascending' ? 'ASC' : 'DESC'} NULLS LAST, number`;
  } else {
    rest += ' ORDER BY number';
  }
  // SQLite has no OFFSET without a LIMIT.
  if (query.limit !== undefined || query.offset !== undefined) {
    rest += ` LIMIT ${parameter(query.limit ?? Number.MAX_SAFE_INTEGER)}`;
  }
  if (query.offset !== undefined) rest += ` OFFSET ${parameter(query.offset)}`;
  return { rest, parameters };
}
