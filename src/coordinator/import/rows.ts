import type { JsonObject, JsonValue } from '../../sweep/json.js';
import { LiteralError, parseLiteral } from '../../sweep/literal.js';
import { messageOf, UsageError } from '../../support/errors.js';
import { csvRows } from './csv-rows.js';

/** One result as it stands in a file. */
export interface Row {
  /** Where it stands, for messages: `line 7`, or `row 7`. */
  readonly place: string;
  readonly values: JsonObject;
  /** Of CSV: cells as they are written, by name. A cell does not tell the text "1" from the number. */
  readonly written?: ReadonlyMap<string, string>;
}

/** Results that belong to one sweep. */
export interface RowGroup {
  /** The key under which they stand; absent where the file has one list. */
  readonly key?: string;
  readonly rows: readonly Row[];
  /** What was left out of the file and why, one line each. */
  readonly remarks?: readonly string[];
}

const resultLine = /^\s*RESULT\s*:?\s*(?=\{)/;

/**
 * Reads results: JSON (a list of objects, or an object of such lists), JSON lines, CSV with a header, or a log with
 * lines `RESULT {...}` (JSON or a Python dict; other lines are passed over). What it is follows from the content.
 * Throws `UsageError` that names the place.
 */
export function readRows(text: string, file: string): RowGroup[] {
  const groups = groupsOf(text.replace(/^\uFEFF/, ''), file);
  for (const { rows } of groups) for (const row of rows) refuseNameless(row, file);
  return groups;
}

function groupsOf(content: string, file: string): RowGroup[] {
  const [first] = content.trimStart();
  if (first === undefined) throw new UsageError(`${file} is empty`);
  if (content.split('\n').some((line) => resultLine.test(line))) return [{ rows: resultRows(content, file) }];
  if (first === '[') return jsonGroups(parseJson(content, file), file);
  if (first !== '{') return [csvRows(content, file)];
  const [line = '', ...others] = content.split('\n').filter((text) => text.trim() !== '');
  const isWhole = /^\s*\{.*\}\s*$/.test(line);
  if (isWhole && others.length > 0) return [{ rows: lineRows(content, file) }];
  const data = parseJson(content, file);
  // One line: a single result, where it is no object of lists.
  if (isWhole && isObject(data) && !isGroups(data)) return [{ rows: lineRows(content, file) }];
  return jsonGroups(data, file);
}

function isGroups(data: JsonObject): boolean {
  return Object.values(data).every(isList);
}

function refuseNameless({ place, values }: Row, file: string): void {
  const { parameters, metrics } = values;
  if ([values, parameters, metrics].some((names) => isObject(names) && Object.hasOwn(names, '')))
    throw new UsageError(`${file}: ${place} has a value whose name is empty`);
}

function parseJson(text: string, file: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    const value = pythonValue(text);
    if (value !== undefined) return value;
    throw new UsageError(`${file} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

/** What Python takes for JSON may have NaN and Infinity in it. */
function pythonValue(text: string): JsonValue | undefined {
  try {
    return parseLiteral(text);
  } catch (error) {
    if (error instanceof LiteralError) return undefined;
    throw error;
  }
}

function jsonGroups(data: JsonValue, file: string): RowGroup[] {
  if (isList(data)) return [{ rows: listRows(data, file) }];
  if (isObject(data)) {
    const entries = Object.entries(data);
    if (entries.length > 0 && isGroups(data)) {
      return entries.map(([key, value]) => ({
        key,
        rows: listRows(value as readonly JsonValue[], `${file}: ${key}`),
      }));
    }
  }
  throw new UsageError(`${file} must be a list of results, or an object whose values are such lists`);
}

function listRows(list: readonly JsonValue[], file: string): Row[] {
  return list.map((values, index) => {
    const place = `row ${index + 1}`;
    return { place, values: objectAt(values, file, place) };
  });
}

function objectAt(value: JsonValue, file: string, place: string): JsonObject {
  if (isObject(value)) return value;
  throw new UsageError(`${file}: ${place} must be an object, not ${JSON.stringify(value).slice(0, 80)}`);
}

function lineRows(text: string, file: string): Row[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const place = `line ${index + 1}`;
    return [{ place, values: objectAt(parseJson(line, `${file}: ${place}`), file, place) }];
  });
}

function resultRows(text: string, file: string): Row[] {
  return text.split('\n').flatMap((line, index) => {
    if (!resultLine.test(line)) return [];
    const place = `line ${index + 1}`;
    try {
      const values = parseLiteral(line.replace(resultLine, '').trim());
      return isObject(values) ? [{ place, values }] : [];
    } catch (error) {
      if (!(error instanceof LiteralError)) throw error;
      throw new UsageError(`${file}: ${place}: ${error.message}`, { cause: error });
    }
  });
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
