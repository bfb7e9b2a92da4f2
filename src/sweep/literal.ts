import type { JsonValue } from './json.js';

/**
 * A value as programs print them: JSON, or a Python literal. Beyond JSON: single quotes, `True`, `False`, `None`,
 * `inf`, `nan`, trailing commas, tuples and sets (as arrays), and what NumPy and PyTorch print for one number, such as
 * `np.float32(0.91)` or `tensor(0.91, device='cuda:0')`: the first argument of anything that looks like a call.
 * Unlike JSON's, a number of the result may be NaN or infinite.
 */
export function parseLiteral(text: string): JsonValue {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

/** The text is no literal. `column` counts from 1. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError';
  constructor(
    message: string,
    readonly column: number,
  ) {
    super(`${message} at column ${column}`);
  }
}

const maxDepth = 64;
const named: Readonly<Record<string, JsonValue>> = {
  True: true,
  true: true,
  False: false,
  false: false,
  None: null,
  null: null,
  nan: NaN,
  NaN: NaN,
  inf: Infinity,
  Infinity: Infinity,
};
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  '0': '\0',
  '\n': '',
};
const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

class Parser {
  #at = 0;

  constructor(private readonly text: string) {}

  end(): void {
    this.#skipSpace();
    if (this.#at < this.text.length) throw this.#error('expected the end of the line');
  }

  value(depth: number): JsonValue {
    if (depth > maxDepth) throw this.#error(`values nest deeper than ${maxDepth}`);
    this.#skipSpace();
    const char = this.text[this.#at];
    if (char === undefined) throw this.#error('expected a value');
    if (char === '{') return this.#dictOrSet(depth);
    if (char === '[' || char === '(') return this.#sequence(closing[char] as string, depth);
    if (char === '"' || char === "'") return this.#string();
    const number = this.#match(/[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y);
    if (number !== undefined) return Number(number.replaceAll('_', ''));
    return this.#word(depth);
  }

  /** `True`, `-inf`, `b'text'`, `np.float32(0.91)`. */
  #word(depth: number): JsonValue {
    const start = this.#at;
    const sign = this.#match(/[+-]/y);
    const word = this.#match(/[A-Za-z_][\w.]*/y);
    if (word === undefined) throw this.#error('expected a value', start);
    const next = this.text[this.#at];
    if ((next === '"' || next === "'") && /^[bBrRuU]{1,2}$/.test(word)) return this.#string();
    this.#skipSpace();
    if (this.text[this.#at] === '(') return this.#call(depth);
    const value = Object.hasOwn(named, word) ? named[word] : undefined;
    if (value === undefined) throw this.#error(`unknown word ${word}`, start);
    return sign === '-' && typeof value === 'number' ? -value : value;
  }

  #call(depth: number): JsonValue {
    const [first] = this.#items(')', depth, true);
    if (first === undefined) throw this.#error('expected an argument');
    if (typeof first !== 'string') return first;
    const number = Object.hasOwn(named, first) ? named[first] : Number(first || NaN);
    return typeof number === 'number' && (first === 'nan' || !Number.isNaN(number)) ? number : first;
  }

  #sequence(close: string, depth: number): JsonValue {
    return this.#items(close, depth, false);
  }

  /** What stands between an opening and a closing bracket; `keywords`: items may be `name=value`. */
  #items(close: string, depth: number, keywords: boolean): JsonValue[] {
    this.#at++;
    const items: JsonValue[] = [];
    while (!this.#take(close)) {
      if (keywords) this.#match(/\s*[A-Za-z_]\w*\s*=/y);
      // The value of `dtype=torch.float32` is of no interest, and no literal.
      if (keywords && items.length > 0 && this.#match(/\s*[\w.]+(?=\s*[,)])/y) !== undefined)
        items.push(null);
      else items.push(this.value(depth + 1));
      this.#separator(close);
    }
    return items;
  }

  #dictOrSet(depth: number): JsonValue {
    this.#at++;
    const entries: [string, JsonValue][] = [];
    const items: JsonValue[] = [];
    while (!this.#take('}')) {
      const key = this.value(depth + 1);
      this.#skipSpace();
      if (this.#take(':')) {
        if (items.length > 0 || typeof key === 'object') throw this.#error('expected a name as key');
        entries.push([String(key), this.value(depth + 1)]);
      } else {
        if (entries.length > 0) throw this.#error("expected ':'");
        items.push(key);
      }
      this.#separator('}');
    }
    // `fromEntries` defines own properties, `__proto__` too.
    return items.length > 0 ? items : Object.fromEntries(entries);
  }

  #separator(close: string): void {
    if (this.#take(',')) return;
    this.#skipSpace();
    if (this.text[this.#at] !== close) throw this.#error(`expected ',' or '${close}'`);
  }

  #string(): string {
    const start = this.#at;
    const quote = this.text[this.#at++];
    let value = '';
    for (;;) {
      const char = this.text[this.#at++];
      if (char === undefined) throw this.#error('this string does not end', start);
      if (char === quote) return value;
      value += char === '\\' ? this.#escape() : char;
    }
  }

  #escape(): string {
    const char = this.text[this.#at++] ?? '';
    const digits = { x: 2, u: 4, U: 8 }[char];
    if (digits === undefined) return escapes[char] ?? char;
    const hex = this.text.slice(this.#at, this.#at + digits);
    const code = /^[0-9a-fA-F]+$/.test(hex) && hex.length === digits ? parseInt(hex, 16) : Infinity;
    if (code > 0x10ffff) throw this.#error(`expected ${digits} hexadecimal digits`);
    this.#at += digits;
    // Pairs of surrogates, as JSON writes them, come together by themselves.
    return code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
  }

  #take(char: string): boolean {
    this.#skipSpace();
    if (this.text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found) this.#at += found.length;
    return found;
  }

  #skipSpace(): void {
    while (/\s/.test(this.text[this.#at] ?? '')) this.#at++;
  }

  #error(message: string, at = this.#at): LiteralError {
    return new LiteralError(message, at + 1);
  }
}
