import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/sweep/json.js';
import { LiteralError, parseLiteral } from '../../src/sweep/literal.js';
import { readOutputLine } from '../../src/worker/trainables/command/output.js';

describe('literals', () => {
  it.each<[string, JsonValue]>([
    ["{'accuracy': 0.91, 'memory': 8128}", { accuracy: 0.91, memory: 8128 }],
    ['{"a": [1, 2, {"b": null}], "c": true}', { a: [1, 2, { b: null }], c: true }],
    ["{'ok': True, 'bad': False, 'none': None,}", { ok: true, bad: false, none: null }],
    [
      "{'loss': nan, 'best': inf, 'worst': -inf, 'big': -Infinity}",
      { loss: NaN, best: Infinity, worst: -Infinity, big: -Infinity },
    ],
    [
      "{'a': 1_000, 'b': .5, 'c': 5., 'd': 1e-3, 'e': +2, 'f': -1.5E+2}",
      { a: 1000, b: 0.5, c: 5, d: 0.001, e: 2, f: -150 },
    ],
    ["{'acc': np.float32(0.91), 'n': numpy.int64(3)}", { acc: 0.91, n: 3 }],
    ["{'loss': tensor(0.25, device='cuda:0', dtype=torch.float64)}", { loss: 0.25 }],
    ["{'loss': array(0.25, dtype=float32)}", { loss: 0.25 }],
    ["{'x': float('nan'), 'y': Decimal('0.5'), 'z': Path('a/b')}", { x: NaN, y: 0.5, z: 'a/b' }],
    ["{'t': (1, 2,), 's': {3, 4}, 'empty': {}, 'unit': ()}", { t: [1, 2], s: [3, 4], empty: {}, unit: [] }],
    [
      `{'quote': "it's", "other": 'say "x"', 'esc': 'a\\'b\\n\\x41\\u00e9\\U0001F600'}`,
      { quote: "it's", other: 'say "x"', esc: "a'b\nAé😀" },
    ],
    ["{'bytes': b'abc', 'raw': r'x'}", { bytes: 'abc', raw: 'x' }],
    ["{1: 'one', True: 'yes'}", { 1: 'one', true: 'yes' }],
    [
      "{'__proto__': 1, 'constructor': 2}",
      Object.fromEntries([
        ['__proto__', 1],
        ['constructor', 2],
      ]),
    ],
  ])('literal - %s', (text, value) => {
    expect(parseLiteral(text)).toEqual(value);
  });

  it.each([
    ['{', 'expected a value at column 2'],
    ["{'a' 1}", "expected ',' or '}' at column 6"],
    ["{'a': 1", "expected ',' or '}' at column 8"],
    ["{'a': bogus}", 'unknown word bogus at column 7'],
    ["{'a: 1}", 'this string does not end at column 2'],
    ['{} x', 'expected the end of the line at column 4'],
    ["{'a': '\\xZZ'}", 'expected 2 hexadecimal digits at column 10'],
    ['[1 2]', "expected ',' or ']' at column 4"],
    ['__import__("os").system("x")', 'expected the end of the line at column 17'],
    ['['.repeat(100), 'values nest deeper than 64 at column 66'],
    ['', 'expected a value at column 1'],
  ])('literal - %s is refused', (text, message) => {
    expect(() => parseLiteral(text)).toThrow(
      new LiteralError(message.replace(/ at column \d+$/, ''), Number(/\d+$/.exec(message)?.[0])),
    );
  });

  it('literal - reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        expect(parseLiteral(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('literal - reads whatever Python repr writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(parseLiteral(pythonRepr(value as JsonValue))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('literal - refuses garbage with an error of its own, quickly', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      ',',
      ':',
      "'",
      '"',
      '\\',
      '1',
      '-',
      '.',
      'e',
      'np.float32(',
      'None',
      ' ',
      'x',
      '=',
      'b',
      '\\u12',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(token, { maxLength: 60 }).map((all) => all.join('')),
        ),
        (text) => {
          try {
            parseLiteral(text);
          } catch (error) {
            expect(error).toBeInstanceOf(LiteralError);
          }
        },
      ),
      { numRuns: 10_000 },
    );
    const start = performance.now();
    expect(() => parseLiteral(`{'a': ${'1'.repeat(500_000)} ${'('.repeat(500_000)}`)).toThrow(LiteralError);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('output lines', () => {
  it.each([
    [
      "RESULT {'accuracy': 0.91, 'memory': 8128, 'time': 12.5}",
      { kind: 'result', metrics: { accuracy: 0.91, memory: 8128, time: 12.5 } },
    ],
    ['REPORT {"step": 3, "loss": 0.5}', { kind: 'report', step: 3, metrics: { loss: 0.5 } }],
    ["REPORT: {'loss': 0.5, 'name': 'x'}", { kind: 'report', metrics: { loss: 0.5 } }],
    [
      "RESULT {'ok': True, 'label': 'x', 'matrix': [[1, nan]]}",
      { kind: 'result', metrics: { ok: 1 }, details: { label: 'x', matrix: [[1, null]] } },
    ],
    ["REPORT {'step': None, 'loss': 0.5}", { kind: 'report', metrics: { loss: 0.5 } }],
    ['CHECKPOINT {"step": 3}', { kind: 'checkpoint', step: 3 }],
    ['epoch 3: RESULT {}', undefined],
    ['REPORT generated on Monday', undefined],
    ['RESULTS {}', undefined],
  ])('output - %s', (line, said) => {
    expect(readOutputLine(line)).toEqual(said);
  });

  it.each([
    [
      "RESULT {'accuracy': }",
      `can't read the line "RESULT {'accuracy': }": expected a value at column 14 of what follows RESULT`,
    ],
    [
      'REPORT {"step": "3", "loss": 0.5}',
      'can\'t read the line "REPORT {"step": "3", "loss": 0.5}": step is "3", but must be a number',
    ],
    [
      'CHECKPOINT {"step": [3]}',
      'can\'t read the line "CHECKPOINT {"step": [3]}": step is [3], but must be a number',
    ],
    ['REPORT {1, 2}', 'can\'t read the line "REPORT {1, 2}": REPORT is followed by names and values'],
  ])('output - %s is refused', (line, message) => {
    expect(() => readOutputLine(line)).toThrow(message);
  });
});

function pythonRepr(value: JsonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (typeof value === 'string') return pythonString(value);
  if (Array.isArray(value)) return `[${(value as JsonValue[]).map(pythonRepr).join(', ')}]`;
  const entries = Object.entries(value).map(([key, one]) => `${pythonString(key)}: ${pythonRepr(one)}`);
  return `{${entries.join(', ')}}`;
}

function pythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\'"\p{Cc}]/gu, (char) => {
    if (char === '\\' || char === quote) return `\\${char}`;
    if (char === "'" || char === '"') return char;
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return quote + escaped + quote;
}
