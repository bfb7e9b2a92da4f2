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
  const { binned, middles, places } = binsOf(x, rows);
  const ends = new Int32Array(middles.length + 1);
  const measured = y.values;
  for (let index = 0; index < rows.length; index++) {
    const at = places[index] as number;
    if (at === nowhere || Number.isNaN(measured[rows[index] as number])) continue;
    ends[at + 1] = (ends[at + 1] as number) + 1;
  }
  for (let at = 0; at < middles.length; at++) ends[at + 1] = (ends[at + 1] as number) + (ends[at] as number);
  const next = ends.slice();
  const values = new Float64Array(ends.at(-1) ?? 0);
  for (let index = 0; index < rows.length; index++) {
    const at = places[index] as number;
    const value = measured[rows[index] as number] as number;
    if (at === nowhere || Number.isNaN(value)) continue;
    const to = next[at] as number;
    values[to] = value;
    next[at] = to + 1;
  }
  const found = middles.flatMap((middle, at) => {
    const members = values.subarray(ends[at], ends[at + 1]);
    return members.length > 0 ? [describe(middle, members.sort())] : [];
  });
  return { binned, bins: found };
}

interface Bins {
  readonly binned: boolean;
  /** The value of each, or what lies in the middle of it; ascending. */
  readonly middles: readonly number[];
  /** The bin of each row; `nowhere` for one that has no x. */
  readonly places: Uint8Array;
}

const nowhere = 255;
/** The same for every metric over these rows. */
const knownBins = new WeakMap<Int32Array, Map<Column, Bins>>();

function binsOf(x: Column, rows: Int32Array): Bins {
  const known = knownBins.get(rows) ?? new Map<Column, Bins>();
  knownBins.set(rows, known);
  const found = known.get(x) ?? makeBins(x, rows);
  known.set(x, found);
  return found;
}

function makeBins(x: Column, rows: Int32Array): Bins {
  const places = new Uint8Array(rows.length).fill(nowhere);
  const scale = scaleOf(x, rows);
  if (!scale) return { binned: false, middles: [], places };
  const binned = hasMany(x, rows);
  // Few enough to be told apart, so that each row is put into its place by one look.
  const middles = binned
    ? Array.from({ length: bins }, (_, bin) => scale.at((bin + 0.5) / bins))
    : distinct(x, rows);
  const place = new Map(middles.map((value, at) => [value, at]));
  rows.forEach((row, index) => {
    const value = x.values[row] as number;
    if (Number.isNaN(value)) return;
    places[index] = binned ? binOf(scale, value, bins) : (place.get(value) as number);
  });
  return { binned, middles, places };
}

/** Ascending. */
function distinct(x: Column, rows: Int32Array): number[] {
  const seen = new Set<number>();
  for (const row of rows) {
    const value = x.values[row] as number;
    if (!Number.isNaN(value)) seen.add(value);
  }
  return [...seen].sort((a, b) => a - b);
}

/** The bin of a value: 0 .. count - 1. */
export function binOf(scale: Scale, value: number, count: number): number {
  return Math.min(count - 1, Math.floor(scale.place(value) * count));
}

/** Whether there are more values than can be shown one by one. */
function hasMany(x: Column, rows: Int32Array): boolean {
  if (x.categories) return false;
  const seen = new Set<number>();
  for (const row of rows) {
    const value = x.values[row] as number;
    if (!Number.isNaN(value)) seen.add(value);
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
