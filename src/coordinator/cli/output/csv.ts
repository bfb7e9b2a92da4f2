import { stringify } from 'csv-stringify/sync';

export type CsvCell = string | number | boolean | undefined;

/** RFC 4180 lines with `\n` ends, without a header. Absent values are empty. */
export function csvLines(rows: readonly (readonly CsvCell[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { cast: { boolean: String } },
  );
}
