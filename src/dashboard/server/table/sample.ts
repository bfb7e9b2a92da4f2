import type { Column } from './column.js';
import { scaleOf } from './scale.js';

/** Cells of the picture along x and y. */
const width = 48;
const height = 36;

export interface SampleRequest {
  /** Candidates, ascending. */
  readonly rows: Int32Array;
  /** The charts it is for: each an x and a y. */
  readonly pairs: readonly (readonly [Column, Column])[];
  /** How many rows there may be, about: those of `keep` come in any case, and groups come whole. */
  readonly most: number;
  /** Rows that must be there. */
  readonly keep: Iterable<number>;
  /** Rows with equal values (numbers of configurations) come together or not at all. */
  readonly group: Column;
}

/**
 * A sample of trials that looks like all of them: every cell of every chart that has a point in all has one in the
 * sample, and crowded cells are thinned more than empty ones. Which of a cell are taken follows from their numbers
 * alone, so that points stay where they are while more trials come. Ascending.
 */
export function sample({ rows, pairs, most, keep, group }: SampleRequest): Int32Array {
  if (rows.length <= most) return rows;
  const candidates = new Set<number>();
  const groups = new Map<number, number[]>();
  const taken = new Set<number>();
  const groupOf = (row: number): number => group.values[row] as number;
  const hasGroups = addGroups(rows, group, groups);
  const take = (row: number): void => {
    for (const member of hasGroups ? (groups.get(groupOf(row)) ?? []) : [row]) taken.add(member);
  };
  const cells = pairs.map(([x, y]) => cellsOf(x, y, rows));
  for (const row of rowsAtEdges(rows, pairs)) candidates.add(row);
  for (const row of keep) candidates.add(row);
  for (const row of candidates) take(row);

  const order = shuffled(rows);
  // One more: that of rows without a place, which is full.
  const filled = pairs.map(() => new Int32Array(width * height + 1).fill(full, width * height));
  for (let limit = 1; taken.size < most && limit <= most; limit *= 2) {
    for (const index of order) {
      if (taken.size >= most) break;
      if (!isWanted(cells, filled, index, limit)) continue;
      const row = rows[index] as number;
      if (limit > 1 && taken.has(row)) continue;
      cells.forEach((cell, pair) => {
        const counts = filled[pair] as Int32Array;
        const at = cell[index] as number;
        counts[at] = (counts[at] as number) + 1;
      });
      take(row);
    }
  }
  return Int32Array.from(taken).sort();
}

/** Fills `groups` where any group has more than one row; false where none has. */
function addGroups(rows: Int32Array, { values }: Column, groups: Map<number, number[]>): boolean {
  if (!hasRepeats(rows, values)) return false;
  for (const row of rows) {
    const key = values[row] as number;
    const members = groups.get(key);
    if (members) members.push(row);
    else groups.set(key, [row]);
  }
  return true;
}

/** Of whole numbers that are not much larger than there are rows. */
function hasRepeats(rows: Int32Array, values: Float64Array): boolean {
  const seen = new Uint8Array(values.length);
  for (const row of rows) {
    const key = values[row] as number;
    if (seen[key] === 1) return true;
    seen[key] = 1;
  }
  return false;
}

/** More rows than any cell takes. */
const full = 2 ** 30;

/** Whether any chart has room for it. */
function isWanted(
  cells: readonly Int32Array[],
  filled: readonly Int32Array[],
  index: number,
  limit: number,
): boolean {
  for (let pair = 0; pair < cells.length; pair++) {
    const at = (cells[pair] as Int32Array)[index] as number;
    if (((filled[pair] as Int32Array)[at] as number) < limit) return true;
  }
  return false;
}

/** The cell of each row; `width * height` where it has no place. */
function cellsOf(x: Column, y: Column, rows: Int32Array): Int32Array {
  const [across, up] = [binsOf(x, rows, width), binsOf(y, rows, height)];
  const cells = new Int32Array(rows.length);
  for (let index = 0; index < cells.length; index++) {
    const [column, line] = [across[index] as number, up[index] as number];
    cells[index] = column === nowhere || line === nowhere ? width * height : line * width + column;
  }
  return cells;
}

const nowhere = 255;
/** Of the same rows another chart is asked for, that has one of the columns in common. */
const knownBins = new WeakMap<Int32Array, Map<Column, Map<number, Uint8Array>>>();

/** Which of `count` parts of its axis each row lies in. */
function binsOf(column: Column, rows: Int32Array, count: number): Uint8Array {
  const known = knownBins.get(rows) ?? new Map<Column, Map<number, Uint8Array>>();
  knownBins.set(rows, known);
  const ofColumn = known.get(column) ?? new Map<number, Uint8Array>();
  known.set(column, ofColumn);
  const found = ofColumn.get(count);
  if (found) return found;
  const bins = new Uint8Array(rows.length).fill(nowhere);
  ofColumn.set(count, bins);
  const scale = scaleOf(column, rows);
  if (!scale) return bins;
  const { values } = column;
  for (let index = 0; index < bins.length; index++) {
    const place = scale.place(values[rows[index] as number] as number);
    if (!Number.isNaN(place)) bins[index] = Math.min(count - 1, Math.floor(place * count));
  }
  return bins;
}

/** The smallest and largest of everything: axes that are cut short would lie. */
function rowsAtEdges(rows: Int32Array, pairs: SampleRequest['pairs']): number[] {
  return [...new Set(pairs.flat())].flatMap(({ values }) => {
    let low = -1;
    let high = -1;
    for (const row of rows) {
      const value = values[row] as number;
      if (Number.isNaN(value)) continue;
      if (low < 0 || value < (values[low] as number)) low = row;
      if (high < 0 || value > (values[high] as number)) high = row;
    }
    return low < 0 ? [] : [low, high];
  });
}

/** Most rows that a key has room for, beside 31 bits of hash. */
const mostRows = 2 ** 22;

/** Indices into `rows` in an order that has nothing to do with anything, and is the same each time. */
function shuffled(rows: Int32Array): Int32Array {
  // All trials, which is what is asked for most: their order holds for whoever asks next.
  const isAll = rows[rows.length - 1] === rows.length - 1;
  if (isAll && rows.length === lastOrder.length) return lastOrder;
  const order = orderOf(rows);
  if (isAll) lastOrder = order;
  return order;
}

let lastOrder: Int32Array = new Int32Array(0);

function orderOf(rows: Int32Array): Int32Array {
  const keys = new Float64Array(rows.length);
  for (let index = 0; index < rows.length; index++) {
    keys[index] = hash(rows[index] as number) * mostRows + index;
  }
  keys.sort();
  return Int32Array.from(keys, (key) => key % mostRows);
}

/** 31 bits of the finaliser of MurmurHash3. */
function hash(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85eb_ca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2_ae35);
  return (x ^ (x >>> 16)) >>> 1;
}
