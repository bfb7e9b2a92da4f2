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
  type Scalar,
} from 'yaml';
import { changedNumbers } from './changed-numbers.js';
import { showPath, type Finding, type Path, type Problem } from './problem.js';

/** Characters that a sweep file may have. */
export const longestFile = 256 * 1024;

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
    // The parser compares every key with every other; `forbidden` finds those given twice faster.
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      version: '1.2',
      // Not of YAML 1.2, but what people write to share settings: `<<: *settings`.
      merge: true,
    });
    const problems = [...document.errors, ...document.warnings].map((error): Problem => {
      const { line, col } = position(lines, error.pos[0]);
      const length = Math.max(1, error.pos[1] - error.pos[0]);
      return { line, column: col, length, path: '', message: yamlMessage(error.code, error.message) };
    });
    problems.push(...forbidden(document, lines));
    if (problems.length > 0) return { problems: inOrder(problems) };
    try {
      const data: unknown = document.toJS({ maxAliasCount: 100 });
      return { source: new YamlSource(text, document, lines, data) };
    } catch (error) {
      // The only thing that a document without errors can't become data for.
      const reason = error instanceof ReferenceError ? 'its aliases (*name) repeat too much' : String(error);
      const message = `can not be read: ${reason}`;
      return { problems: [{ line: 1, column: 1, length: 1, path: '', message }] };
    }
  }

  /** Whole numbers of the text that the data has otherwise. */
  changedNumbers(): Finding[] {
    return changedNumbers(this.document);
  }

  /** The findings with their places, in the order of the text; a hundred at most. */
  locateAll(findings: readonly Finding[]): Problem[] {
    // To look for the place of each of thousands would take minutes.
    return inOrder(findings.slice(0, 10 * mostProblems).map((finding) => this.locate(finding)));
  }

  /** Where a finding is in the text; if the thing itself is missing, where the nearest thing around it is. */
  private locate(finding: Finding): Problem {
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
          (item) => isScalar(item.key) && keyText(item.key) === String(step),
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

/** One quote too many can make every line after it wrong. */
const mostProblems = 100;

/** By place; what is told twice of one place once. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const told = new Map(
    problems.map((problem) => [
      `${problem.line}:${problem.column} ${problem.path} ${problem.message}`,
      problem,
    ]),
  );
  const sorted = [...told.values()].sort((a, b) => a.line - b.line || a.column - b.column);
  return sorted.slice(0, mostProblems);
}

function position(lines: LineCounter, offset: number): { line: number; col: number } {
  const { line, col } = lines.linePos(offset);
  return line === 0 ? { line: 1, col: 1 } : { line, col };
}

/** The parser makes a symbol of a merge key. */
function keyText({ value }: Scalar): string {
  return typeof value === 'symbol' ? (value.description ?? '') : String(value);
}

function isMergeKey(key: unknown): key is Scalar {
  return isScalar(key) && typeof key.value === 'symbol';
}

/** Whether `<<` can stand before this: a section or a list of sections, also by their aliases. */
function isMergeable(value: unknown, anchors: ReadonlyMap<string, Node>): boolean {
  // Of an alias that leads nowhere its own place tells.
  const isSection = (node: unknown): boolean =>
    isMap(isAlias(node) ? anchors.get(node.source) : node) || (isAlias(node) && !anchors.has(node.source));
  const source = isAlias(value) ? anchors.get(value.source) : value;
  return isSeq(source) ? source.items.every(isSection) : isSection(value);
}

/** What YAML allows and a sweep file does not, and aliases that lead nowhere. */
function forbidden(document: Document.Parsed, lines: LineCounter): Problem[] {
  const problems: Problem[] = [];
  const add = (node: Node | undefined, length: number, message: string): void => {
    const { line, col } = position(lines, node?.range?.[0] ?? 0);
    problems.push({ line, column: col, length, path: '', message });
  };
  const { explicit, version } = document.directives?.yaml ?? {};
  if (explicit === true && version !== '1.2') {
    add(undefined, 1, `is YAML ${version}; sweep files are YAML 1.2`);
  }
  const anchors = new Map<string, Node>();
  // One visitor for all: of several that fit a node, `visit` calls the most specific one alone.
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && key.value === '__proto__') add(key, 9, '"__proto__" is not allowed as a key');
      if (isMap(key) || isSeq(key)) add(key, 1, 'a key must be a text, not a list or a section');
      if (isMergeKey(key) && !isMergeable(value, anchors))
        add(key, 2, '"<<" must be followed by a section, or an alias (*name) of one');
    },
    Node: (_, node) => {
      if (isAlias(node)) {
        if (!anchors.has(node.source))
          add(node, node.source.length + 1, `there is no anchor &${node.source} before this alias`);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (!isMap(node)) return;
      const keys = new Set<string>();
      for (const { key } of node.items) {
        if (!isScalar(key)) continue;
        const name = keyText(key);
        if (keys.has(name)) add(key, name.length, `the key "${name}" was given before; keys must be unique`);
        keys.add(name);
      }
    },
  });
  return problems;
}

const yamlMessages: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here; a sweep file is one document',
  TAB_AS_INDENT: 'tabs are not allowed as indentation; use spaces',
};

function yamlMessage(code: string, message: string): string {
  if (message.startsWith('Maximum call stack')) return 'is nested too deeply';
  return yamlMessages[code] ?? `is not valid YAML: ${message}`;
}
