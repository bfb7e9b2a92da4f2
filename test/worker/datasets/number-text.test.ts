import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumberTextError, readNumbers } from '../../../src/worker/datasets/number-text.js';

function read(text: string, columns: number): number[][] {
  const rows: number[][] = [];
  const lines = readNumbers(Buffer.from(text), 'f.txt', columns, (value, line, column) => {
    (rows[line] ??= [])[column] = value;
  });
  expect(rows).toHaveLength(lines);
  return rows;
}

describe('number text - reading', () => {
  test.each([
    [
      '1 2\n3 4\n',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      '1 2\n3 4',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['  1.8085150e-004 -1.0138560e-002\r\n', [[1.808515e-4, -1.013856e-2]]],
    ['+.5\t5.\n', [[0.5, 5]]],
    ['1e3 -2E+2\n', [[1000, -200]]],
    ['1e-30 1e30\n', [[1e-30, 1e30]]],
  ])('%j', (text, expected) => {
    const found = read(text, 2);
    found.forEach((row, i) => row.forEach((value, j) => expect(value / expected[i]![j]!).toBeCloseTo(1, 14)));
    expect(found.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  });

  test('every number is read exactly', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -3.4e38, max: 3.4e38 }), (value) => {
        const text = value.toExponential();
        expect(read(`${text}\n`, 1)[0]![0]! - value).toBe(0);
      }),
    );
  });

  test('an empty text has no lines', () => expect(read('', 3)).toEqual([]));
});

describe('number text - mistakes name file and line', () => {
  test.each([
    ['1 2\n3 x4\n', 'f.txt line 2: "x4" is no number'],
    ['1 2\n3 4x\n', 'f.txt line 2: "4x" is no number'],
    ['1 2\n3 1e999\n', 'f.txt line 2: 1e999 is too large for a float32 number'],
    ['-2e39 1\n', 'f.txt line 1: -2e39 is too large for a float32 number'],
    ['1 0x10\n', 'f.txt line 1: "0x10" is no number'],
    ['1 nan\n', 'f.txt line 1: "nan" is no number'],
    ['1 1.2.3\n', 'f.txt line 1: "1.2.3" is no number'],
    ['1 1e\n', 'f.txt line 1: "1e" is no number'],
    ['1 -\n', 'f.txt line 1: "-" is no number'],
    ['1 .\n', 'f.txt line 1: "." is no number'],
    ['1 2\n3\n', 'f.txt line 2: there are 1 numbers; there must be 2'],
    ['1 2 3\n', 'f.txt line 1: there are 3 numbers; there must be 2'],
    ['1 2\n\n3 4\n', 'f.txt line 2: there are 0 numbers; there must be 2'],
  ])('%j', (text, message) => {
    expect(() => read(text, 2)).toThrow(new NumberTextError(message));
  });

  test('whatever the bytes, it ends with numbers or an error that names a line', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readNumbers(bytes, 'f.txt', 2, (value) => expect(Number.isNaN(value)).toBe(false));
        } catch (error) {
          expect((error as Error).message).toMatch(/^f\.txt line \d+: /);
        }
      }),
    );
  });
});
