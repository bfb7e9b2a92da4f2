/** A text of numbers is not what it must be; says where. */
export class NumberTextError extends Error {
  override readonly name = 'NumberTextError';
}

const newline = 10;
const minus = 45;
const plus = 43;
const point = 46;
const zero = 48;
const lowerE = 101;

const isSpace = (byte: number): boolean => byte === 32 || byte === 9 || byte === 13;
const isDigit = (byte: number): boolean => byte >= zero && byte < zero + 10;

/** 10^0 ... 10^22: all powers of ten that a double holds exactly. */
const powers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * Reads lines of decimal numbers between blanks, e.g. `  1.8085150e-004 -2.5`. By hand over bytes, for the data sets
 * have hundreds of megabytes of it, which text functions take half a minute for.
 *
 * @param file its name for messages
 * @param columns how many numbers each line must have
 * @param take called with each number, in order
 * @returns how many lines there were; a last one without a line end counts
 * @throws NumberTextError that names file, line and what stands there; also for a number that a float32 can't hold
 */
export function readNumbers(
  bytes: Uint8Array,
  file: string,
  columns: number,
  take: (value: number, line: number, column: number) => void,
): number {
  const end = bytes.length;
  let at = 0;
  let line = 0;
  while (at < end) {
    let column = 0;
    for (;;) {
      while (at < end && isSpace(bytes[at]!)) at++;
      if (at >= end || bytes[at] === newline) break;

      const start = at;
      let byte = bytes[at]!;
      const negative = byte === minus;
      if (negative || byte === plus) byte = bytes[++at]!;
      let mantissa = 0;
      let digits = 0;
      let exponent = 0;
      for (; isDigit(byte); byte = bytes[++at]!, digits++) mantissa = mantissa * 10 + (byte - zero);
      if (byte === point) {
        byte = bytes[++at]!;
        for (; isDigit(byte); byte = bytes[++at]!, digits++, exponent--)
          mantissa = mantissa * 10 + (byte - zero);
      }
      if (digits > 0 && (byte | 32) === lowerE) {
        byte = bytes[++at]!;
        const down = byte === minus;
        if (down || byte === plus) byte = bytes[++at]!;
        let power = 0;
        digits = 0;
        for (; isDigit(byte); byte = bytes[++at]!, digits++) power = power * 10 + (byte - zero);
        exponent += down ? -power : power;
      }
      if (digits === 0 || (at < end && byte !== newline && !isSpace(byte)))
        throw new NumberTextError(
          `${file} line ${line + 1}: ${JSON.stringify(textAt(bytes, start).slice(0, 40))} is no number`,
        );

      const size = Math.abs(exponent);
      // Whole numbers to 2^53 and these powers are exact, so one rounding is left; the rest is rare.
      const magnitude =
        mantissa > Number.MAX_SAFE_INTEGER || size >= powers.length
          ? Math.abs(Number(textAt(bytes, start)))
          : exponent < 0
            ? mantissa / powers[size]!
            : mantissa * powers[size]!;
      if (Math.fround(magnitude) === Infinity)
        throw new NumberTextError(
          `${file} line ${line + 1}: ${textAt(bytes, start).slice(0, 40)} is too large for a float32 number`,
        );
      if (column < columns) take(negative ? -magnitude : magnitude, line, column);
      column++;
    }
    if (column !== columns)
      throw new NumberTextError(
        `${file} line ${line + 1}: there are ${column} numbers; there must be ${columns}`,
      );
    line++;
    at++;
  }
  return line;
}

/** What stands there up to the next blank. */
function textAt(bytes: Uint8Array, start: number): string {
  let end = start;
  while (end < bytes.length && bytes[end] !== newline && !isSpace(bytes[end]!)) end++;
  return Buffer.from(bytes.subarray(start, end)).toString('utf8');
}
