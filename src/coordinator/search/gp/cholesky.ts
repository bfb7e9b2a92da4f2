/**
 * The lower triangular factor L of a symmetric positive definite matrix K = L L'. Rows are kept apart, row i with i + 1
 * numbers: every loop below runs along rows, and a row can be added in O(n^2).
 */
export class Cholesky {
  private constructor(private readonly rows: Float64Array[]) {}

  /** `rows` is the lower triangle, row i with i + 1 numbers; it is overwritten. Undefined: not positive definite. */
  static of(rows: Float64Array[]): Cholesky | undefined {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as Float64Array;
      for (let j = 0; j <= i; j++) {
        const other = rows[j] as Float64Array;
        let sum = row[j] as number;
        for (let k = 0; k < j; k++) sum -= (row[k] as number) * (other[k] as number);
        if (j < i) row[j] = sum / (other[j] as number);
        else if (sum > 0) row[j] = Math.sqrt(sum);
        else return undefined;
      }
    }
    return new Cholesky(rows);
  }

  get size(): number {
    return this.rows.length;
  }

  /** L x. */
  times(x: Float64Array): Float64Array {
    return Float64Array.from(this.rows, (row) =>
      row.reduce((sum, value, j) => sum + value * (x[j] as number), 0),
    );
  }

  /** x with L x = b. */
  solveLower(b: Float64Array): Float64Array {
    const x = new Float64Array(this.rows.length);
    for (let i = 0; i < x.length; i++) {
      const row = this.rows[i] as Float64Array;
      let sum = b[i] as number;
      for (let j = 0; j < i; j++) sum -= (row[j] as number) * (x[j] as number);
      x[i] = sum / (row[i] as number);
    }
    return x;
  }

  /** x with L' x = b. */
  solveUpper(b: Float64Array): Float64Array {
    const x = b.slice();
    for (let i = x.length - 1; i >= 0; i--) {
      const row = this.rows[i] as Float64Array;
      const value = (x[i] as number) / (row[i] as number);
      x[i] = value;
      for (let j = 0; j < i; j++) x[j] = (x[j] as number) - (row[j] as number) * value;
    }
    return x;
  }

  /** x with K x = b. */
  solve(b: Float64Array): Float64Array {
    return this.solveUpper(this.solveLower(b));
  }

  /** The logarithm of K's determinant. */
  logDeterminant(): number {
    return this.rows.reduce((sum, row, i) => sum + 2 * Math.log(row[i] as number), 0);
  }

  /** The lower triangle of K's inverse, row i with i + 1 numbers. */
  inverse(): Float64Array[] {
    const n = this.rows.length;
    const inverse = Array.from({ length: n }, (_, i) => new Float64Array(i + 1));
    const lowerInverse: Float64Array[] = [];
    for (let i = 0; i < n; i++) {
      const row = this.rows[i] as Float64Array;
      const target = new Float64Array(i + 1);
      for (let k = 0; k < i; k++) addTo(target, lowerInverse[k] as Float64Array, -(row[k] as number), k + 1);
      const scale = 1 / (row[i] as number);
      for (let j = 0; j < i; j++) target[j] = (target[j] as number) * scale;
      target[i] = scale;
      lowerInverse.push(target);
      for (let j = 0; j <= i; j++) addTo(inverse[j] as Float64Array, target, target[j] as number, j + 1);
    }
    return inverse;
  }

  /**
   * Adds a row and a column to K: `between` its entries with those before, `diagonal` its own. Where it adds nothing
   * (the matrix would be singular), its own variance counts as at least `least`.
   */
  append(between: Float64Array, diagonal: number, least: number): void {
    const x = this.solveLower(between);
    const row = new Float64Array(x.length + 1);
    row.set(x);
    row[x.length] = Math.sqrt(Math.max(least, diagonal - dot(x, x)));
    this.rows.push(row);
  }
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function addTo(target: Float64Array, source: Float64Array, factor: number, length: number): void {
  for (let i = 0; i < length; i++) target[i] = (target[i] as number) + factor * (source[i] as number);
}
