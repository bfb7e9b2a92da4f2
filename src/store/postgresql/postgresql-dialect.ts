import type { Dialect } from '../dialect.js';
import type { ColumnType } from '../rows.js';

/** PostgreSQL 12 and later. */
export const postgresqlDialect: Dialect = {
  statement: (sql) => sql,
  rowsOf: (parameter, columns) => {
    const selected = Object.entries(columns).map(
      ([name, type], index) => `CAST(value ->> ${index} AS ${typeNames[type]}) AS ${name}`,
    );
    return `(SELECT ${selected.join(', ')} FROM jsonb_array_elements(CAST(${parameter} AS jsonb)))`;
  },
  rowText: (columns) => {
    const values = Object.entries(columns).map(([name, type]) =>
      type === 'json' ? `CAST(${name} AS json)` : name,
    );
    return `CAST(json_build_array(${values.join(', ')}) AS text)`;
  },
  rowsText: `'[' || coalesce(string_agg(entry, ','), '') || ']'`,
  // Not jsonb, which refuses the JSON of a text with a NUL.
  metric: (parameter) => `CAST(CAST(metrics AS json) ->> CAST(${parameter} AS text) AS double precision)`,
  forUpdate: 'FOR UPDATE',
};

const typeNames: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  'text?': 'text',
  integer: 'integer',
  'integer?': 'integer',
  bigint: 'bigint',
  'bigint?': 'bigint',
  real: 'double precision',
  'real?': 'double precision',
  json: 'json',
};
