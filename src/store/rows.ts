/**
 * What a column holds; with a question mark it may be NULL. `json` is read only, and comes as what it says: such
 * columns stand last.
 */
export type ColumnType =
  'text' | 'text?' | 'integer' | 'integer?' | 'bigint' | 'bigint?' | 'real' | 'real?' | 'json';
export type Columns = Readonly<Record<string, ColumnType>>;

type Value<T extends ColumnType> = T extends 'text'
  ? string
  : T extends 'text?'
    ? string | null
    : T extends 'json'
      ? unknown
      : T extends `${string}?`
        ? number | null
        : number;

/** A row with these columns. */
export type RowOf<C extends Columns> = { readonly [K in keyof C]: Value<C[K]> };

/** Rows that `Dialect.rowsText` made one text of. */
export function decodeRows<C extends Columns>(columns: C, text: string): RowOf<C>[] {
  const names = Object.keys(columns);
  const isReal = names.map((name) => columns[name]?.startsWith('real'));
  return (JSON.parse(text) as unknown[][]).map((values) => {
    const row: Record<string, unknown> = {};
    names.forEach((name, index) => {
      const value = values[index];
      // SQLite writes them as text to keep all their digits.
      row[name] = isReal[index] && value !== null ? Number(value) : value;
    });
    return row as RowOf<C>;
  });
}

/** The values of rows that `Dialect.rowsText` made one text of, in the order of their columns. */
export function decodeValues(text: string): unknown[][] {
  return JSON.parse(text) as unknown[][];
}

/** Rows as the one parameter that `Dialect.rowsOf` takes: arrays of their columns. */
export function encodeRows<C extends Columns>(columns: C, rows: readonly RowOf<C>[]): string {
  const names = Object.keys(columns);
  return JSON.stringify(rows.map((row) => names.map((name) => row[name])));
}

/** `{ [key]: value }`, or nothing where the column is NULL. */
export function present<K extends string, V>(key: K, value: V | null): { [P in K]?: V };
export function present<K extends string, V, T>(
  key: K,
  value: V | null,
  of: (value: V) => T,
): { [P in K]?: T };
export function present(key: string, value: unknown, of = (same: unknown): unknown => same): object {
  return value === null ? {} : { [key]: of(value) };
}

/** PostgreSQL takes no NUL in a text, and neither database half of a surrogate pair. What programs print has both. */
export function storable(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
}
