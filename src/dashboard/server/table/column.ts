import type { ParameterValue } from '../../../sweep/parameter.js';

/** One thing about every trial, by trial number: a number, or the code of one of few values. NaN: it has none. */
export interface Column {
  readonly id: string;
  /** By trial number; may be longer than there are trials. */
  readonly values: Float64Array;
  /** What the codes 0, 1, 2, ... stand for; undefined where the numbers are the values. */
  readonly categories: readonly ParameterValue[] | undefined;
  /** How a chart draws it; `auto`: logarithmic where its values lie far apart. */
  readonly scale: ColumnScale;
}

export type ColumnScale = 'linear' | 'log' | 'auto';

const firstCapacity = 1024;

/** A column that grows with its sweep. */
export class GrowingColumn implements Column {
  values = new Float64Array(firstCapacity).fill(NaN);
  #codes: Map<ParameterValue, number> | undefined;
  #categories: ParameterValue[] | undefined;

  /** With `categories`, in their order; others are added as they come. */
  constructor(
    readonly id: string,
    readonly scale: ColumnScale = 'linear',
    categories?: readonly ParameterValue[],
  ) {
    if (categories) this.#code(categories);
  }

  get categories(): readonly ParameterValue[] | undefined {
    return this.#categories;
  }

  set(row: number, value: ParameterValue | null | undefined): void {
    if (row >= this.values.length) this.#grow(row + 1);
    // May make new values: it comes first.
    const number = this.#encode(value);
    this.values[row] = number;
  }

  /** The value as it was set. */
  at(row: number): ParameterValue | undefined {
    const number = this.values[row] ?? NaN;
    if (Number.isNaN(number)) return undefined;
    return this.#categories ? this.#categories[number] : number;
  }

  #encode(value: ParameterValue | null | undefined): number {
    if (value === null || value === undefined) return NaN;
    if (!this.#codes) {
      if (typeof value === 'number') return value;
      this.#toCodes();
    }
    const known = this.#codes?.get(value);
    if (known !== undefined) return known;
    const code = this.#categories?.push(value) ?? 0;
    this.#codes?.set(value, code - 1);
    return code - 1;
  }

  /** What were numbers so far turns out not to be: a derived parameter may have values of any kind. */
  #toCodes(): void {
    const old = this.values;
    this.#code([...new Set(old.filter((value) => !Number.isNaN(value)))]);
    this.values = old.map((value) => (Number.isNaN(value) ? NaN : (this.#codes?.get(value) ?? NaN)));
  }

  #code(categories: readonly ParameterValue[]): void {
    this.#categories = [...categories];
    this.#codes = new Map(categories.map((value, code) => [value, code]));
  }

  #grow(least: number): void {
    const values = new Float64Array(Math.max(least, this.values.length * 2)).fill(NaN);
    values.set(this.values);
    this.values = values;
  }
}
