import { sweepNameProblem } from '../../sweep/definition/sweep-name.js';
import type { Direction, SweepDefinition } from '../../sweep/sweep-definition.js';
import { UsageError } from '../../support/errors.js';
import { inferDefinition } from './infer-definition.js';
import { placeResults } from './place-results.js';
import { resultOf, type Result } from './results.js';
import type { RowGroup } from './rows.js';

export interface PrepareOptions {
  /** Of the file, for messages. */
  readonly file: string;
  /** What the sweep is called. @default as in `given`, else the key of the group, else `fileName` */
  readonly name?: string;
  /** The file's name without its ending. */
  readonly fileName: string;
  /** The sweep that the results belong to. @default one is inferred from them */
  readonly given?: SweepDefinition;
  readonly objectives?: Readonly<Record<string, Direction>>;
  /** Rows that do not fit are left out, instead of refusing them all. */
  readonly skipBad: boolean;
}

export interface PreparedResults {
  readonly definition: SweepDefinition;
  readonly rows: readonly Result[];
  /** What is wrong with the rows that `skipBad` left out, one line each. */
  readonly skipped: readonly string[];
  /** What else was left out and why, one line each. */
  readonly remarks: readonly string[];
}

const mostShown = 20;

/** The sweep and its results. Trials that have not ended are left out. Throws `UsageError` with all that is wrong. */
export function prepareResults(group: RowGroup, options: PrepareOptions): PreparedResults {
  const { given, objectives, skipBad } = options;
  const file = group.key === undefined ? options.file : `${options.file}: ${group.key}`;
  const name = nameOf(group, options);
  const read = group.rows.map((row) =>
    resultOf(row, {
      ...(given ? { parameters: new Set([...Object.keys(given.space), ...Object.keys(given.fixed)]) } : {}),
      ...(objectives && !given ? { metrics: new Set(Object.keys(objectives)) } : {}),
    }),
  );
  if (read.length === 0) throw new UsageError(`${file} has no results`);
  const ended = read.filter(({ unfinished }) => unfinished === undefined);
  const remarks = [...(group.remarks ?? []), ...unfinishedText(read)];
  if (ended.length === 0) throw new UsageError(`${file} has no result that ended: ${remarks.join('; ')}`);
  const definition = given
    ? { ...given, name, objectives: objectives ?? given.objectives }
    : inferDefinition(name, ended, objectives);
  const { problems, fitting } = placeResults(definition, ended, 0);
  if (problems.length === 0) return { definition, rows: ended, skipped: [], remarks };
  if (!skipBad) {
    const more = problems.length > mostShown ? `\n  ... and ${problems.length - mostShown} more` : '';
    throw new UsageError(
      `${file} does not fit (--skip-bad leaves these rows out):\n  ${problems.slice(0, mostShown).join('\n  ')}${more}`,
    );
  }
  if (fitting.length === 0) throw new UsageError(`${file}: no row fits: ${problems[0]}`);
  return {
    // What is left out says nothing of the space either.
    definition: given ? definition : inferDefinition(name, fitting, definition.objectives),
    rows: fitting,
    skipped: problems,
    remarks,
  };
}

function nameOf({ key }: RowGroup, { name, given, fileName }: PrepareOptions): string {
  const called = name ?? given?.name ?? (cleaned(key ?? fileName) || 'imported');
  const problem = sweepNameProblem(called);
  if (problem !== undefined) throw new UsageError(`--name: "${called}" ${problem}`);
  return called;
}

function cleaned(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 64);
}

function unfinishedText(results: readonly Result[]): string[] {
  const states = results.flatMap(({ unfinished }) => unfinished ?? []);
  if (states.length === 0) return [];
  const counts = [...new Set(states)].map(
    (state) => `${states.filter((one) => one === state).length} ${state}`,
  );
  const what =
    states.length === 1 ? '1 row that has not ended is' : `${states.length} rows that have not ended are`;
  return [`${what} left out: ${counts.join(', ')}`];
}
