import { parse } from 'csv-parse/sync';
import type { JsonObject, JsonValue } from '../../sweep/json.js';
import { LiteralError, parseLiteral } from '../../sweep/literal.js';
import { messageOf, UsageError } from '../../support/errors.js';

/** One result as it stands in a file. */
export interface Row {
  /** Where it stands, for messages: `line 7`, or `row 7`. */
  readonly place: string;
  readonly values: JsonObject;
}

/** Results that belong to one sweep. */
export interface RowGroup {
  /** The key under which they stand; absent where the file has one list. */
  readonly key?: string;
  readonly rows: readonly Row[];
}

const resultLine = /^\s*RESULT\s*:?\s*(?=\{)/;

/**
 * Reads results: JSON (a list of objects, or an object of such lists), JSON lines, CSV with a header, or a log with
 * lines `RESULT {...}` (JSON or a Python dict; other lines are passed over). What it is follows from the content.
 * Throws `UsageError` that names the place.
 */
export function readRows(text: string, file: string): RowGroup[] {
  const content = text.replace(/^\uFEFF/, '');
  const [first] = content.trimStart();
  if (first === undefined) throw new UsageError(`${file} is empty`);
  if (content.split('\n').some((line) => resultLine.test(line))) return [{ rows: resultRows(content, file) }];
  if (first === '[') return jsonGroups(parseJson(content, file), file);
  if (first === '{') {
    const lines = content.split('\n').filter((line) => line.trim() !== '');
    return lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line))
      ? [{ rows: lineRows(content, file) }]
      : jsonGroups(parseJson(content, file), file);
  }
  return [{ rows: csvRows(content, file) }];
}

function parseJson(text: string, file: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

function jsonGroups(data: JsonValue, file: string): RowGroup[] {
  if (isList(data)) return [{ rows: listRows(data, file) }];
  if (isObject(data)) {
    const entries = Object.entries(data);
    if (entries.length > 0 && entries.every(([, value]) => isList(value))) {
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
    if (!isObject(values))
      throw new UsageError(`${file}: ${place} must be an object, not ${JSON.stringify(values).slice(0, 80)}`);
    return { place, values };
  });
}

function lineRows(text: string, file: string): Row[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const place = `line ${index + 1}`;
    return [{ place, values: parseJson(line, `${file}: ${place}`) as JsonObject }];
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

function csvRows(text: string, file: string): Row[] {
  let records: {
    readonly record: Readonly<Record<string, string>>;
    readonly info: { readonly lines: number };
  }[];
  try {
    records = parse(text, {
      columns: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as typeof records;
  } catch (error) {
    throw new UsageError(`${file} is no CSV: ${messageOf(error)}`, { cause: error });
  }
  return records.map(({ record, info }) => ({ place: `line ${info.lines}`, values: nested(record) }));
}

/** Cells as values; `parameters.lr` and `metrics.accuracy` (as `export` writes them) as objects. */
function nested(record: Readonly<Record<string, string>>): JsonObject {
  const values: Record<string, JsonValue> = {};
  for (const [name, cell] of Object.entries(record)) {
    const value = cellValue(cell);
    const [, section, key] = /^(parameters|metrics)\.(.+)$/.exec(name) ?? [];
    if (section === undefined || key === undefined) values[name] = value;
    else if (value !== null)
      values[section] = { ...(values[section] as JsonObject | undefined), [key]: value };
  }
  return values;
}

function cellValue(text: string): JsonValue {
  if (text === '') return null;
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? (/^nan$/i.test(text) ? NaN : text) : number;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
