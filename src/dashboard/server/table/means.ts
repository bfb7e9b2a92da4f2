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
  // Few enough to be told apart, so that each row is put into its place by one look.
  const keys = binned ? undefined : distinct(x, present);
  const place = new Map(keys?.map((key, index) => [key, index]));
  const count = keys?.length ?? bins;
  const places = new Int32Array(present.length);
  const ends = new Int32Array(count + 1);
  present.forEach((row, index) => {
    const value = x.values[row] as number;
    const at = binned ? binOf(scale, value, bins) : (place.get(value) as number);
    places[index] = at;
    ends[at + 1] = (ends[at + 1] as number) + 1;
  });
  for (let at = 0; at < count; at++) ends[at + 1] = (ends[at + 1] as number) + (ends[at] as number);
  const next = ends.slice();
  const values = new Float64Array(present.length);
  places.forEach((at, index) => {
    const to = next[at] as number;
    values[to] = y.values[present[index] as number] as number;
    next[at] = to + 1;
  });
  const found: Bin[] = [];
  for (let at = 0; at < count; at++) {
    const members = values.subarray(ends[at], ends[at + 1]);
    if (members.length > 0) found.push(describe(keys?.[at] ?? scale.at((at + 0.5) / bins), members.sort()));
  }
  return { binned, bins: found };
}

/** Ascending. */
function distinct(x: Column, rows: Int32Array): number[] {
  const seen = new Set<number>();
  for (const row of rows) seen.add(x.values[row] as number);
  return [...seen].sort((a, b) => a - b);
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

/** Of ascending values. */
function describe(x: number, values: Float64Array): Bin {
  const n = values.length;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / n;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
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
