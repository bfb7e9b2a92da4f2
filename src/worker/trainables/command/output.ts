import { messageOf } from '../../../support/errors.js';
import type { JsonObject, JsonValue } from '../../../sweep/json.js';
import { TrialError } from '../trainable.js';
import { parseLiteral } from '../../../sweep/literal.js';

/** A line of a program's standard output that says something. */
export type OutputLine =
  | { readonly kind: 'checkpoint'; readonly step?: number }
  | { readonly kind: 'report'; readonly step?: number; readonly metrics: Record<string, number> }
  | { readonly kind: 'result'; readonly metrics: Record<string, number>; readonly details?: JsonValue };

const marked = /^\s*(REPORT|RESULT|CHECKPOINT)\s*:?\s*(?=\{)/;
const bareCheckpoint = /^\s*CHECKPOINT\s*$/;

/**
 * Reads `REPORT {...}`, `RESULT {...}` and `CHECKPOINT {...}`, JSON or a Python dict; undefined for any other line. Numbers are metrics,
 * as are booleans (1 and 0); what else a result says (texts, lists) becomes its details. `step` in a report is its step.
 * @throws TrialError where what follows can't be read
 */
export function readOutputLine(line: string): OutputLine | undefined {
  if (bareCheckpoint.test(line)) return { kind: 'checkpoint' };
  const mark = marked.exec(line);
  if (!mark) return undefined;
  let said: JsonValue;
  try {
    said = parseLiteral(line.slice(mark[0].length));
  } catch (error) {
    const shown = line.length > 200 ? `${line.slice(0, 200)} ...` : line;
    throw new TrialError(`can't read the line "${shown}": ${messageOf(error)} of what follows ${mark[1]}`);
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said)) {
    throw new TrialError(
      `can't read the line "${line.slice(0, 200)}": ${mark[1]} is followed by names and values`,
    );
  }
  const { step } = said as JsonObject;
  // Python's None, of a program that counts no steps; a result may have a step of any kind among its details.
  const isNone = step === undefined || step === null;
  if (mark[1] !== 'RESULT' && !isNone && (typeof step === 'string' || typeof step === 'object'))
    throw new TrialError(
      `can't read the line "${line.slice(0, 200)}": step is ${JSON.stringify(step)}, but must be a number`,
    );
  switch (mark[1]) {
    case 'REPORT':
      return report(said as JsonObject);
    case 'CHECKPOINT':
      return checkpoint(said as JsonObject);
    default:
      return result(said as JsonObject);
  }
}

function checkpoint(said: JsonObject): OutputLine {
  const { step } = said;
  return typeof step === 'number' ? { kind: 'checkpoint', step } : { kind: 'checkpoint' };
}

function report(said: JsonObject): OutputLine {
  const { metrics } = parted(said);
  const { step, ...rest } = metrics;
  return step === undefined ? { kind: 'report', metrics: rest } : { kind: 'report', step, metrics: rest };
}

function result(said: JsonObject): OutputLine {
  const { metrics, others } = parted(said);
  return others.length === 0
    ? { kind: 'result', metrics }
    : { kind: 'result', metrics, details: withoutNonFinite(Object.fromEntries(others)) };
}

function parted(said: JsonObject): { metrics: Record<string, number>; others: [string, JsonValue][] } {
  const numbers: [string, number][] = [];
  const others: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(said)) {
    if (typeof value === 'number') numbers.push([name, value]);
    else if (typeof value === 'boolean') numbers.push([name, Number(value)]);
    else others.push([name, value]);
  }
  return { metrics: Object.fromEntries(numbers), others };
}

/** JSON has no NaN: in details they are null, as JSON.stringify has it. */
function withoutNonFinite(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
