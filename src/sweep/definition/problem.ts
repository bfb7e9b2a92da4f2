/** A mistake in a sweep file: where it is, and what is wrong, what was found and what is allowed. */
export interface Problem {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Characters from there that are meant, all on that line. */
  readonly length: number;
  /** e.g. `space.lr.float`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** A mistake before its place in the text is known. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  /** Points at the key rather than at the value. */
  readonly atKey?: boolean;
  /** Points into the value, which is this text. */
  readonly within?: { readonly text: string; readonly offset: number; readonly length: number };
}

/** `space.lr.int[1]` */
export function showPath(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}

/** One line without the code: `sweep.yaml:3:7 space.lr: low 2 must be below high 1`. */
export function describeProblem(problem: Problem, fileName: string): string {
  const path = problem.path === '' ? '' : `${problem.path}: `;
  return `${fileName}:${problem.line}:${problem.column} ${path}${problem.message}`;
}

/** All problems with the lines they are in and a mark under what is meant. */
export function formatProblems(problems: readonly Problem[], text: string, fileName: string): string {
  const lines = text.split(/\r\n|\r|\n/);
  const blocks = problems.map((problem) => {
    const gutter = String(problem.line);
    const code = (lines[problem.line - 1] ?? '').slice(0, 300);
    // Tabs stay tabs, so that the mark stands where the terminal puts the character.
    const indent = code.slice(0, problem.column - 1).replace(/[^\t]/g, ' ');
    const room = Math.max(1, code.length - problem.column + 1);
    const mark = '^'.repeat(Math.max(1, Math.min(problem.length, room)));
    return [
      describeProblem(problem, fileName),
      `  ${gutter} | ${code}`,
      `  ${' '.repeat(gutter.length)} | ${indent}${mark}`,
    ].join('\n');
  });
  const count = `${problems.length} problem${problems.length === 1 ? '' : 's'} in ${fileName}`;
  return [...blocks, count].join('\n\n');
}
