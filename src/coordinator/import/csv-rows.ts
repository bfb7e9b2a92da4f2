import { parse } from 'csv-parse/sync';
import type { JsonObject, JsonValue } from '../../sweep/json.js';
import { messageOf, UsageError } from '../../support/errors.js';
import type { Row, RowGroup } from './rows.js';

/** What may stand between cells, and what it is called. */
const separators: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' };

interface Line {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** A column with the name that the header gives it. */
interface Column {
  readonly index: number;
  /** As in the header. */
  readonly title: string;
  /** `parameters.lr` and `metrics.accuracy`, as `export` writes them. */
  readonly section?: 'parameters' | 'metrics';
  /** The title without its section. */
  readonly name: string;
}

/** Reads CSV with a header; cells stand between commas, semicolons or tabs, whichever the header has most of. */
export function csvRows(text: string, file: string): RowGroup {
  const separator = separatorOf(text);
  const [header, ...records] = parseRecords(text, file, separator);
  const { columns, remarks } = columnsOf(header?.record ?? [], file, separator);
  const rows = records.map(({ record, info }): Row => {
    const place = `line ${info.lines}`;
    if (separator === ';') refuseDecimalCommas(record, columns, `${file}: ${place}`);
    return { place, ...cellsOf(record, columns) };
  });
  return { rows, remarks };
}

function parseRecords(text: string, file: string, separator: string): Line[] {
  try {
    return parse(text, {
      delimiter: separator,
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as Line[];
  } catch (error) {
    const what = separators[separator] ?? '';
    throw new UsageError(`${file} is no CSV with ${what} between its cells: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** What the header, texts in quotes left out, has most of. */
function separatorOf(text: string): string {
  const [header = ''] = text
    .trimStart()
    .replace(/"(?:[^"]|"")*"/g, '')
    .split(/[\r\n]/, 1);
  const count = (separator: string): number => header.split(separator).length;
  return Object.keys(separators).reduce((best, candidate) =>
    count(candidate) > count(best) ? candidate : best,
  );
}

/** The columns with a name. A first one without is the row number that pandas writes, and left out. */
function columnsOf(
  header: readonly string[],
  file: string,
  separator: string,
): { readonly columns: readonly Column[]; readonly remarks: readonly string[] } {
  const seen = new Map<string, number>();
  const columns: Column[] = [];
  const remarks: string[] = [];
  header.forEach((title, index) => {
    if (title === '' && index === 0 && header.length > 1) {
      remarks.push('the first column has no name, as row numbers have none: it is left out');
      return;
    }
    const at = `${file}: column ${index + 1}`;
    if (title === '')
      throw new UsageError(
        `${at} has no name in the header; cells stand between ${separators[separator] ?? ''}`,
      );
    const before = seen.get(title);
    if (before !== undefined)
      throw new UsageError(`${at} is "${title}" again, as column ${before + 1} is; names must be unique`);
    seen.set(title, index);
    const [, section, name] = /^(parameters|metrics)\.(.+)$/.exec(title) ?? [];
    columns.push(
      section === undefined || name === undefined
        ? { index, title, name: title }
        : { index, title, name, section: section as 'parameters' | 'metrics' },
    );
  });
  return { columns, remarks };
}

/** Cells as values, those of sections as objects: both are there in our own export, also where they are empty. */
function cellsOf(
  record: readonly string[],
  columns: readonly Column[],
): { readonly values: JsonObject; readonly written: ReadonlyMap<string, string> } {
  const isOwn = columns.some(({ section }) => section === 'parameters');
  const sections = {
    parameters: {} as { [name: string]: JsonValue },
    metrics: {} as { [name: string]: JsonValue },
  };
  const flat: [string, JsonValue][] = [];
  const written = new Map<string, string>();
  for (const { index, title, name, section } of columns) {
    const text = record[index] ?? '';
    const value = cellValue(text);
    if (isOwn && section !== undefined) {
      if (value !== null) sections[section][name] = value;
    } else flat.push([title, value]);
    if (text !== '') written.set(name, text);
  }
  return { values: { ...Object.fromEntries(flat), ...(isOwn ? sections : {}) }, written };
}

/** Numbers in decimals alone: 0x10 and 1_000 may well be texts. */
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** As Python, NumPy, JavaScript and C write what is no number. */
const notFinite = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;

function cellValue(text: string): JsonValue {
  if (text === '') return null;
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  if (decimal.test(text)) return Number(text);
  const [whole, sign, nan] = notFinite.exec(text) ?? [];
  if (whole === undefined) return text;
  return nan === undefined ? (sign === '-' ? -Infinity : Infinity) : NaN;
}

/** Where cells stand between semicolons, numbers often have a comma: they would be taken for texts. */
function refuseDecimalCommas(record: readonly string[], columns: readonly Column[], at: string): void {
  for (const { index, title } of columns) {
    const text = record[index] ?? '';
    if (/^[+-]?\d+,\d+$/.test(text))
      throw new UsageError(`${at}: "${title}" is ${text}; numbers have a point: ${text.replace(',', '.')}`);
  }
}
