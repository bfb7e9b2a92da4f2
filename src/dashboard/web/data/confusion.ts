import type { JsonValue } from '../../../sweep/json.js';

export interface Confusion {
  readonly classes: readonly string[];
  /** By class as it is, then as it was predicted. */
  readonly counts: readonly (readonly number[])[];
}

/** The confusion matrix in the details of a trial, where there is one: `confusion`, with `classes` as its names. */
export function confusionOf(details: JsonValue | undefined): Confusion | undefined {
  if (details === null || typeof details !== 'object' || !('confusion' in details)) return undefined;
  const { confusion, classes } = details as { confusion?: unknown; classes?: unknown };
  if (!isMatrix(confusion)) return undefined;
  const names =
    Array.isArray(classes) && classes.length === confusion.length ? classes.map(String) : undefined;
  return { counts: confusion, classes: names ?? confusion.map((_, index) => `class ${index}`) };
}

function isMatrix(value: unknown): value is number[][] {
  return (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every(
      (row) =>
        Array.isArray(row) && row.length === value.length && row.every((cell) => typeof cell === 'number'),
    )
  );
}
