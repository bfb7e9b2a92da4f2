import type { Dialect } from '../dialect.js';
import type { ColumnType } from '../rows.js';

/** SQLite 3.45 (libsql). */
export const sqliteDialect: Dialect = {
  // SQLite takes `$1` for a name, and numbers names by where they first stand.
  statement: (sql) => sql.replace(/\$(\d+)/g, '?$1'),
  rowsOf: (parameter, columns) => {
    const selected = Object.keys(columns).map((name, index) => `value ->> ${index} AS ${name}`);
    return `(SELECT ${selected.join(', ')} FROM json_each(${parameter}))`;
  },
  rowText: (columns) => {
    const entries = Object.entries(columns);
    const values = entries.filter(([, type]) => type !== 'json').map(exact);
    const row = `json_array(${values.join(', ')})`;
    const texts = entries.filter(([, type]) => type === 'json').map(([name]) => ` || ',' || ${name}`);
    // JSON goes in as it is: `json()` would read and write it once more.
    return texts.length === 0 ? row : `(rtrim(${row}, ']')${texts.join('')} || ']')`;
  },
  rowsText: `'[' || coalesce(group_concat(entry, ','), '') || ']'`,
  metric: (parameter) => `(SELECT value FROM json_each(metrics) WHERE key = ${parameter})`,
  // A transaction for writing is alone.
  forUpdate: '',
};

/** `json_array` writes a REAL with 15 digits, so it gets it as a text of 17. */
function exact([name, type]: [string, ColumnType]): string {
  return type.startsWith('real') ? `CASE WHEN ${name} IS NOT NULL THEN printf('%!.17g', ${name}) END` : name;
}
