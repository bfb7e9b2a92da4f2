import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpressionError, functions } from '../../src/sweep/expression-syntax.js';
import { checkExpression, type NameInfo } from '../../src/sweep/expression-types.js';
import { compileExpression, type ExpressionValues } from '../../src/sweep/expression.js';

const evaluate = (text: string, values: ExpressionValues = {}) => compileExpression(text).evaluate(values);

describe('expression - values', () => {
  it.each<[string, unknown]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['2 ** 3 ** 2', 512],
    ['-(2 ** 2)', -4],
    ['7 % 4', 3],
    ['-7 % 4', -3],
    ['1e-3 * 1000', 1],
    ['"a" + "b"', 'ab'],
    ["'it''s' == 'it'", undefined],
    ['min(3, 1, 2) + max(1, 2)', 3],
    ['sqrt(16) + abs(-2) + floor(1.9) + ceil(1.1) + round(2.5)', 12],
    ['log2(8) + log10(1000)', 6],
    ['log(exp(2))', 2],
    ['pow(2, 10)', 1024],
    ['1 == 1 and 2 != 3', true],
    ['1 == "1"', false],
    ['"b" > "a"', true],
    ['true ? 1 : 2', 1],
    ['1 > 2 ? "x" : "y"', 'y'],
    ['!(1 > 2)', true],
    ['not (1 > 2)', true],
    ['false or true', true],
    ['3 in [1, 2, 3]', true],
    ['"c" in ["a", "b"]', false],
    ['0 * -1', 0],
  ])('%s is %s', (text, expected) => {
    if (expected === undefined) expect(() => compileExpression(text)).toThrow(ExpressionError);
    else expect(evaluate(text)).toBe(expected);
  });

  it('names are looked up among own properties alone', () => {
    expect(evaluate('toString', {})).toBeUndefined();
    expect(evaluate('x + 1', { x: 2 })).toBe(3);
    expect([...compileExpression('x < y ? max(z, 1) : x').names]).toEqual(['x', 'y', 'z']);
  });
});

describe('expression - absent values', () => {
  it.each<[string, unknown]>([
    ['gone > 1', undefined],
    ['gone == gone', undefined],
    ['!(gone > 1)', undefined],
    ['gone + 1', undefined],
    ['max(gone, 1)', undefined],
    ['gone > 1 || true', true],
    ['true || gone > 1', true],
    ['gone > 1 || false', undefined],
    ['gone > 1 && false', false],
    ['false && gone > 1', false],
    ['gone > 1 && true', undefined],
    ['gone > 1 ? 1 : 2', undefined],
    ['true ? 1 : gone', 1],
    ['gone in [1]', undefined],
    ['1 in [1, gone]', true],
    ['2 in [1, gone]', undefined],
    ['1 / 0', undefined],
    ['0 / 0', undefined],
    ['log(-1)', undefined],
    ['10 ** 400', undefined],
    ['"a" * 2', undefined],
    ['"a" < 2', undefined],
    ['1 && true', undefined],
  ])('%s is %s', (text, expected) => {
    expect(evaluate(text)).toBe(expected);
  });
});

describe('expression - what is refused', () => {
  it.each<[string, number, string]>([
    ['', 0, 'is empty'],
    ['   ', 0, 'is empty'],
    ['x = 1', 2, 'there is no assignment; write == to compare'],
    ['x +', 2, 'ends too early'],
    ['x y', 2, 'is more than one expression; an operator is missing'],
    ['max(x, y', 7, 'does not parse: expected )'],
    ['constructor.constructor("return 1")()', 23, 'only functions can be called'],
    ['x.y', 1, 'names have no fields'],
    ['this', 0, 'unknown name "this"'],
    ['[1, 2]', 0, 'a list can only stand behind "in"'],
    ['max()', 0, 'max() takes 1 to 64 arguments, not 0'],
    ['-x ** 2', 3, 'a sign before ** can be read in two ways; write -(a ** b) or pow(-a, b)'],
    ['1e999', 0, '1e999 is too large a number'],
  ])('%s at %i: %s', (text, offset, message) => {
    try {
      compileExpression(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError);
      expect(error).toMatchObject({ offset, message });
    }
  });

  it('expression - nothing reaches the outside', () => {
    for (const text of [
      'process',
      'globalThis',
      'eval("1")',
      'Function("1")',
      'x["y"]',
      '`${1}`',
      '/a/',
      'new Date',
    ]) {
      let value: unknown;
      try {
        value = evaluate(text, { x: 1 });
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
      }
      expect(value).toBeUndefined();
    }
  });

  it('expression - nesting ends in an error, not in the end of the stack', () => {
    expect(() => compileExpression('('.repeat(1999))).toThrow(ExpressionError);
    expect(() => compileExpression('!'.repeat(1999))).toThrow(ExpressionError);
    expect(() => compileExpression('1'.repeat(2001))).toThrow(/at most 2000/);
    expect(evaluate(`${'('.repeat(300)}1${')'.repeat(300)}`)).toBe(1);
  });
});

describe('expression - any text', () => {
  const words = [
    'x',
    'y',
    'gone',
    '1',
    '2.5',
    '"a"',
    'true',
    '(',
    ')',
    '[',
    ']',
    ',',
    '?',
    ':',
    ' ',
    '.',
    ';',
    '=',
  ]
    .concat([
      '+',
      '-',
      '*',
      '/',
      '%',
      '**',
      '==',
      '!=',
      '<',
      '<=',
      '>',
      '>=',
      '&&',
      '||',
      '!',
      'in',
      'and',
      'not',
    ])
    .concat(Object.keys(functions));
  const anyText = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((parts) => parts.join('')),
    fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((parts) => parts.join(' ')),
  );
  const values = { x: 3, y: 'a' };

  it('expression - either fails with ExpressionError inside the text, or never throws again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          const result = compileExpression(text).evaluate(values);
          expect(['number', 'string', 'boolean', 'undefined']).toContain(typeof result);
          if (typeof result === 'number') expect(Number.isFinite(result)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
          const { offset, length } = error as ExpressionError;
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThanOrEqual(text.length);
          expect(length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it('expression - what passes the check of types has a value of the type that was foretold', () => {
    const infos: Record<string, NameInfo> = { x: { type: 'number' }, y: { type: 'string' } };
    let checked = 0;
    fc.assert(
      fc.property(anyText, (text) => {
        let expression;
        try {
          expression = compileExpression(text);
        } catch {
          return;
        }
        const { type, errors } = checkExpression(expression, (name) => infos[name] ?? `unknown "${name}"`);
        if (errors.length > 0) return;
        checked++;
        const value = expression.evaluate(values);
        if (value !== undefined && type !== 'unknown') expect(typeof value).toBe(type);
      }),
      { numRuns: 5000 },
    );
    expect(checked).toBeGreaterThan(50);
  });
});
