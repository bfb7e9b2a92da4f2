import type { Column } from './column.js';

/** Values over more than this many times the smallest are told apart on a logarithmic scale only. */
const widestLinear = 500;

/** Where values lie between the smallest and the largest one, as a chart would place them. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  /** 0 for the smallest, 1 for the largest. */
  place(value: number): number;
  /** The value at a place. */
  at(place: number): number;
}

/** The scale of what these rows have; undefined where none of them has a value. */
export function scaleOf(column: Column, rows: Int32Array): Scale | undefined {
  let low = Infinity;
  let high = -Infinity;
  const { values } = column;
  for (const row of rows) {
    const value = values[row] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return undefined;
  const log =
    column.categories === undefined &&
    low > 0 &&
    (column.scale === 'log' || (column.scale === 'auto' && high / low > widestLinear));
  const bottom = log ? Math.log(low) : low;
  const width = (log ? Math.log(high) : high) - bottom;
  const place = (value: number): number =>
    width === 0 ? 0.5 : ((log ? Math.log(value) : value) - bottom) / width;
  const at = (share: number): number => (log ? Math.exp(bottom + share * width) : bottom + share * width);
  return { low, high, log, place, at };
}
