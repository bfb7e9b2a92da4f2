import { createRandom } from '../../sweep/random.js';
import type { LabelledWindows } from './window-dataset.js';

/** Rows of the train set: what to train on, and what to select on. */
export interface Split {
  /** Ascending. */
  readonly train: Int32Array;
  /** Ascending. */
  readonly validation: Int32Array;
  /** The people whose windows are held out, ascending. */
  readonly heldOut: readonly number[];
}

/**
 * Holds out whole people of the train set: windows of one person overlap and resemble each other, so a split by
 * windows would flatter. People are taken in an order drawn from the seed until `share` of the windows is reached as
 * nearly as can be, with every class on both sides.
 *
 * @param share of the windows, about; 0.2 holds out a fifth
 * @throws Error where no choice leaves every class on both sides
 */
export function splitBySubject(
  windows: LabelledWindows,
  classes: number,
  share: number,
  seed: number,
): Split {
  const rowsOf = new Map<number, number[]>();
  windows.subjects.forEach((subject, row) => {
    const rows = rowsOf.get(subject);
    if (rows) rows.push(row);
    else rowsOf.set(subject, [row]);
  });
  const order = shuffled(
    [...rowsOf.keys()].sort((a, b) => a - b),
    seed,
  );

  const heldOut = new Set<number>();
  const target = share * windows.count;
  let size = 0;
  const take = (subject: number): void => {
    heldOut.add(subject);
    if (classesOf(windows, (other) => !heldOut.has(other)).size === classes)
      size += rowsOf.get(subject)!.length;
    else heldOut.delete(subject);
  };
  // First people with a class that is missing among the held-out ones, then whoever comes nearest to the share.
  for (const subject of order) {
    const present = classesOf(windows, (other) => heldOut.has(other));
    if (rowsOf.get(subject)!.some((row) => !present.has(windows.labels[row]!))) take(subject);
  }
  for (const subject of order) {
    const after = size + rowsOf.get(subject)!.length;
    if (!heldOut.has(subject) && after - target <= target - size) take(subject);
  }
  if (classesOf(windows, (subject) => heldOut.has(subject)).size !== classes)
    throw new Error(
      `no subject-wise split of ${windows.count} windows of ${rowsOf.size} people has all ${classes} classes on both sides`,
    );
  const rowsWhere = (isHeldOut: boolean): Int32Array =>
    Int32Array.from(
      [...rowsOf].flatMap(([subject, rows]) => (heldOut.has(subject) === isHeldOut ? rows : [])),
    ).sort();
  return {
    train: rowsWhere(false),
    validation: rowsWhere(true),
    heldOut: [...heldOut].sort((a, b) => a - b),
  };
}

function classesOf(windows: LabelledWindows, counts: (subject: number) => boolean): Set<number> {
  const present = new Set<number>();
  windows.subjects.forEach((subject, row) => {
    if (counts(subject)) present.add(windows.labels[row]!);
  });
  return present;
}

/** The list in an order that follows from the seed (Fisher and Yates). It is changed in place. */
export function shuffled<T>(list: T[], seed: number): T[] {
  const random = createRandom(seed);
  for (let last = list.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [list[last], list[other]] = [list[other]!, list[last]!];
  }
  return list;
}
