import type { Column } from './column.js';
import { scaleOf, type Scale } from './scale.js';

/** Values up to this many stay as they are; more are put into bins. */
const mostDistinct = 64;
export const bins = 32;

/** What lies at one value of x, or in one bin of it. */
export interface Bin {
  /** The value, or the middle of the bin. */
  readonly x: number;
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation; absent for one value alone. */
  readonly spread?: number;
  /** Tenth and ninetieth percentile. */
  readonly low: number;
  readonly high: number;
}

export interface Slice {
  /** Whether several values of x share a bin. */
  readonly binned: boolean;
  /** Ascending; empty ones left out. */
  readonly bins: Bin[];
}

/** The mean of y at every value of x, or in every bin of it where there are many. */
export function slice(x: Column, y: Column, rows: Int32Array): Slice {
  const present = rows.filter((row) => !Number.isNaN(x.values[row]) && !Number.isNaN(y.values[row]));
  const scale = scaleOf(x, present);
  if (!scale) return { binned: false, bins: [] };
  const binned = hasMany(x, present);
  const members = new Map<number, number[]>();
  for (const row of present) {
    const key = binned ? binOf(scale, x.values[row] as number, bins) : (x.values[row] as number);
    const list = members.get(key);
    if (list) list.push(y.values[row] as number);
    else members.set(key, [y.values[row] as number]);
  }
  const all = [...members].sort(([a], [b]) => a - b);
  return {
    binned,
    bins: all.map(([key, values]) => describe(binned ? scale.at((key + 0.5) / bins) : key, values)),
  };
}

/** The bin of a value: 0 .. count - 1. */
export function binOf(scale: Scale, value: number, count: number): number {
  return Math.min(count - 1, Math.floor(scale.place(value) * count));
}

/** Whether there are more values than can be shown one by one. */
export function hasMany(x: Column, rows: Int32Array): boolean {
  if (x.categories) return false;
  const seen = new Set<number>();
  for (const row of rows) {
    seen.add(x.values[row] as number);
    if (seen.size > mostDistinct) return true;
  }
  return false;
}

function describe(x: number, unsorted: number[]): Bin {
  const values = Float64Array.from(unsorted).sort();
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    x,
    n,
    mean,
    ...(n > 1 && { spread: Math.sqrt(squares / (n - 1)) }),
    low: quantile(values, 0.1),
    high: quantile(values, 0.9),
  };
}

/** Of ascending values, at least one; between two of them in proportion. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

export interface Grid {
  /** Edges of the bins, one more than there are; for categories their codes. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Mean by y, then x; null where nothing lies. */
  readonly means: readonly (readonly (number | null)[])[];
  readonly counts: readonly (readonly number[])[];
}

/** The mean of a third column over two others. */
export function grid(x: Column, y: Column, value: Column, rows: Int32Array, size: number): Grid | undefined {
  const present = rows.filter((row) =>
    [x, y, value].every(({ values }) => !Number.isNaN(values[row] as number)),
  );
  const [across, up] = [scaleOf(x, present), scaleOf(y, present)];
  if (!across || !up) return undefined;
  const columns = x.categories?.length ?? size;
  const lines = y.categories?.length ?? size;
  const sums = new Float64Array(columns * lines);
  const counts = new Int32Array(columns * lines);
  const place = (column: Column, scale: Scale, row: number, count: number): number =>
    column.categories ? (column.values[row] as number) : binOf(scale, column.values[row] as number, count);
  for (const row of present) {
    const at = place(y, up, row, lines) * columns + place(x, across, row, columns);
    sums[at] = (sums[at] as number) + (value.values[row] as number);
    counts[at] = (counts[at] as number) + 1;
  }
  const line = <T>(y: number, of: (at: number) => T): T[] =>
    Array.from({ length: columns }, (_, column) => of(y * columns + column));
  const table = <T>(of: (at: number) => T): T[][] => Array.from({ length: lines }, (_, y) => line(y, of));
  return {
    x: edges(x, across, columns),
    y: edges(y, up, lines),
    means: table((at) => (counts[at] ? (sums[at] as number) / counts[at] : null)),
    counts: table((at) => counts[at] as number),
  };
}

function edges(column: Column, scale: Scale, count: number): number[] {
  if (column.categories) return column.categories.map((_, code) => code);
  return Array.from({ length: count + 1 }, (_, edge) => scale.at(edge / count));
}
