import type { Column } from './column.js';

/** Rows ordered by a column; those without a value come last, equal ones by number. Names are ordered by letters. */
export function sortRows(rows: Int32Array, column: Column, descending: boolean): Int32Array {
  const rank = column.categories && lettersOrder(column.categories.map(String));
  const { values } = column;
  const present: number[] = [];
  const absent: number[] = [];
  for (const row of rows) (Number.isNaN(values[row]) ? absent : present).push(row);
  const key = (row: number): number =>
    rank ? (rank[values[row] as number] as number) : (values[row] as number);
  present.sort(descending ? (a, b) => key(b) - key(a) || a - b : (a, b) => key(a) - key(b) || a - b);
  return Int32Array.from([...present, ...absent]);
}

/** The rank of each category; numbers keep their order. */
function lettersOrder(categories: readonly string[]): number[] {
  const ranks = new Array<number>(categories.length).fill(0);
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  [...categories.keys()]
    .sort((a, b) => compare(categories[a] ?? '', categories[b] ?? ''))
    .forEach((code, rank) => (ranks[code] = rank));
  return ranks;
}
