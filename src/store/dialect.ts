import type { Columns } from './rows.js';

/**
 * Where SQLite and PostgreSQL differ in what the store asks of them. Everything else is one text for both, written
 * with `$1`, `$2`, ... for its parameters.
 *
 * Groups of rows go in as one JSON parameter and come out as one JSON text: through Prisma a row costs 0.26 ms to
 * write and 0.03 ms to read, this way less than a tenth of it.
 */
export interface Dialect {
  /** The statement with its parameters as this database spells them. */
  statement(sql: string): string;
  /** Something to select `columns` from: a parameter that holds a JSON array of arrays of them. */
  rowsOf(parameter: string, columns: Columns): string;
  /** An expression: a JSON array of these columns as text. Numbers keep all their digits. */
  rowText(columns: Columns): string;
  /** An aggregate: the texts of the column `entry` of a subquery, in its order, as one JSON array. */
  readonly rowsText: string;
  /** An expression: the metric whose name is a parameter, or NULL. */
  metric(parameter: string): string;
  /** After a SELECT: nobody else may change what it returns before this transaction ends. */
  readonly forUpdate: string;
}
