import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import { showPath, type Finding, type Path, type Problem } from './problem.js';

/** Characters that a sweep file may have. */
export const longestFile = 1024 * 1024;

/** A YAML text as data, with the place of everything in it. */
export class YamlSource {
  private constructor(
    private readonly text: string,
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
    readonly data: unknown,
  ) {}

  /** Reads one YAML 1.2 document; the problems are those of YAML itself (syntax, keys given twice, ...). */
  static read(text: string): { source: YamlSource } | { problems: Problem[] } {
    if (text.length > longestFile) {
      const message = `has ${text.length} characters; a sweep file may have at most ${longestFile}`;
      return { problems: [{ line: 1, column: 1, length: 1, path: '', message }] };
    }
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
    const problems = [...document.errors, ...document.warnings].map((error): Problem => {
      const { line, col } = position(lines, error.pos[0]);
      const length = Math.max(1, error.pos[1] - error.pos[0]);
      return { line, column: col, length, path: '', message: yamlMessage(error.code, error.message) };
    });
    problems.push(...forbidden(document, lines));
    if (problems.length > 0)
      return { problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
    try {
      const data: unknown = document.toJS({ maxAliasCount: 100 });
      return { source: new YamlSource(text, document, lines, data) };
    } catch (error) {
      const message = `can not be read: ${error instanceof Error ? error.message : String(error)}`;
      return { problems: [{ line: 1, column: 1, length: 1, path: '', message }] };
    }
  }

  /** Where a finding is in the text; if the thing itself is missing, where the nearest thing around it is. */
  locate(finding: Finding): Problem {
    const { path, message, within } = finding;
    const { offset, length } = within
      ? this.placeWithin(path, within)
      : this.place(path, finding.atKey ?? false);
    const { line, col } = position(this.lines, offset);
    return { line, column: col, length, path: showPath(path), message };
  }

  private place(path: Path, atKey: boolean): { offset: number; length: number } {
    let node: Node | null | undefined = this.document.contents;
    let key: Node | undefined;
    for (const [depth, step] of path.entries()) {
      const parent: Node | null | undefined = isAlias(node) ? node.resolve(this.document) : node;
      let found: { key?: Node; value: Node | null } | undefined;
      if (isMap(parent)) {
        const pair: Pair | undefined = parent.items.find(
          (item) => isScalar(item.key) && String(item.key.value) === String(step),
        );
        if (pair) found = { key: pair.key as Node, value: pair.value as Node | null };
      } else if (isSeq(parent) && typeof step === 'number') {
        const item = parent.items[step];
        if (item !== undefined && !isPair(item)) found = { value: item as Node };
      }
      // What is missing is pointed at by what it is missing in: the key of the section, or the file's start.
      if (!found) return depth === 0 ? { offset: 0, length: 1 } : this.span(key ?? node);
      ({ key, value: node } = found);
    }
    return this.span(atKey ? (key ?? node) : (node ?? key));
  }

  private placeWithin(
    path: Path,
    within: NonNullable<Finding['within']>,
  ): { offset: number; length: number } {
    const start = this.place(path, false);
    const quoted = /["']/.test(this.text[start.offset] ?? '') ? 1 : 0;
    const from = start.offset + quoted;
    // Escapes and folded lines shift the characters: then the whole text is pointed at.
    if (this.text.slice(from, from + within.text.length) !== within.text) return start;
    return { offset: from + within.offset, length: within.length };
  }

  private span(node: Node | null | undefined): { offset: number; length: number } {
    const [from, to] = node?.range ?? [0, 1];
    const end = this.text.slice(from, to).search(/[\r\n]/);
    return { offset: from, length: Math.max(1, end >= 0 ? end : to - from) };
  }
}

function position(lines: LineCounter, offset: number): { line: number; col: number } {
  const { line, col } = lines.linePos(offset);
  return line === 0 ? { line: 1, col: 1 } : { line, col };
}

/** What YAML allows and a sweep file does not. */
function forbidden(document: Document.Parsed, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  const { explicit, version } = document.directives?.yaml ?? {};
  if (explicit === true && version !== '1.2') {
    problems.push({
      line: 1,
      column: 1,
      length: 1,
      path: '',
      message: `is YAML ${version}; sweep files are YAML 1.2`,
    });
  }
  visit(document, {
    Pair: (_, pair) => {
      if (!isScalar(pair.key)) return;
      if (pair.key.value !== '__proto__') return;
      const { line, col } = position(lines, pair.key.range?.[0] ?? 0);
      problems.push({
        line,
        column: col,
        length: 9,
        path: '',
        message: '"__proto__" is not allowed as a key',
      });
    },
  });
  return problems;
}

const yamlMessages: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this key was given before; keys must be unique',
  MULTIPLE_DOCS: 'a second document begins here; a sweep file is one document',
  TAB_AS_INDENT: 'tabs are not allowed as indentation; use spaces',
  BAD_INDENT: 'is indented wrongly',
};

function yamlMessage(code: string, message: string): string {
  return yamlMessages[code] ?? `is not valid YAML: ${message}`;
}
