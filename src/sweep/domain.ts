import type { FloatParameter, IntParameter, ParameterValue, SearchedParameter } from './parameter.js';

/** The values that one searched parameter can take, by index and along the unit interval. Pure. */
export interface Domain {
  /** How many values; `Infinity` for a float without step. */
  readonly size: number;
  /** The value with this index, `0 <= index < size`, in the order of the file or ascending. Finite domains only. */
  readonly at: (index: number) => ParameterValue;
  /** The index of a value that is in the domain. Finite domains only. */
  readonly indexOf: (value: ParameterValue) => number;
  /** The value at `u` in [0, 1): uniform `u` gives uniform values, on a logarithmic scale where `log` says so. */
  readonly fromUnit: (u: number) => ParameterValue;
  /** The middle of what `fromUnit` maps to this value. */
  readonly toUnit: (value: ParameterValue) => number;
  /** From where to where `fromUnit` gives the value that it gives at `u`; both are `u` in a float without step. */
  readonly cellOf: (u: number) => readonly [low: number, high: number];
  /** Why a value is not in the domain, as the end of a sentence: `is 30, but must be at most 25`. */
  readonly explain: (value: unknown) => string | undefined;
}

export function domainOf(parameter: SearchedParameter): Domain {
  switch (parameter.kind) {
    case 'choice':
    case 'ordinal':
      return listDomain(parameter.values);
    case 'int':
      return intDomain(parameter);
    case 'float':
      return parameter.step === undefined
        ? continuousDomain(parameter)
        : steppedDomain(parameter, parameter.step);
  }
}

/** A value as it is shown in messages. */
export function show(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? String(value));
}

/** Where in 0 .. size - 1 a point of the unit interval falls. */
function cell(u: number, size: number): number {
  return Math.min(size - 1, Math.max(0, Math.floor(u * size)));
}

/** The borders of the cell that a point falls in, of equal ones. */
function equalCell(u: number, size: number): readonly [low: number, high: number] {
  const index = cell(u, size);
  return [index / size, (index + 1) / size];
}

function listDomain(values: readonly ParameterValue[]): Domain {
  const size = values.length;
  const indices = new Map(values.map((value, index) => [value, index]));
  const at = (index: number): ParameterValue => values[index] as ParameterValue;
  const indexOf = (value: ParameterValue): number => indices.get(value) ?? -1;
  const shown = values.slice(0, 12).map(show).join(', ') + (size > 12 ? `, ... (${size} values)` : '');
  return {
    size,
    at,
    indexOf,
    fromUnit: (u) => at(cell(u, size)),
    toUnit: (value) => (indexOf(value) + 0.5) / size,
    cellOf: (u) => equalCell(u, size),
    explain: (value) =>
      indices.has(value as ParameterValue) ? undefined : `is ${show(value)}, but must be one of ${shown}`,
  };
}

function explainRange(value: unknown, low: number, high: number): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value)) return `is ${show(value)}, but must be a number`;
  if (value < low) return `is ${value}, but must be at least ${low}`;
  if (value > high) return `is ${value}, but must be at most ${high}`;
  return undefined;
}

function intDomain({ low, high, step, log }: IntParameter): Domain {
  const size = Math.floor((high - low) / step) + 1;
  const at = (index: number): number => low + index * step;
  const indexOf = (value: ParameterValue): number => Math.round((Number(value) - low) / step);
  // Each whole number owns the half unit on both sides of it, so the ends are not drawn half as often.
  const bottom = Math.log(low - 0.5);
  const width = Math.log(high + 0.5) - bottom;
  const rounded = (u: number): number => clamp(Math.round(Math.exp(bottom + u * width)), low, high);
  const border = (between: number): number => (Math.log(between) - bottom) / width;
  return {
    size,
    at,
    indexOf,
    fromUnit: (u) => (log ? rounded(u) : at(cell(u, size))),
    toUnit: (value) => (log ? border(Number(value)) : (indexOf(value) + 0.5) / size),
    cellOf: (u) => {
      if (!log) return equalCell(u, size);
      const value = rounded(u);
      return [value === low ? 0 : border(value - 0.5), value === high ? 1 : border(value + 0.5)];
    },
    explain: (value) => {
      const problem = explainRange(value, low, high);
      if (problem !== undefined) return problem;
      if (!Number.isInteger(value)) return `is ${String(value)}, but must be a whole number`;
      return at(indexOf(value as number)) === value ? undefined : offLattice(value, low, step);
    },
  };
}

function continuousDomain({ low, high, log }: FloatParameter): Domain {
  const bottom = log ? Math.log(low) : low;
  const width = (log ? Math.log(high) : high) - bottom;
  return {
    size: Infinity,
    at: () => {
      throw new RangeError('a float without step has no n-th value');
    },
    indexOf: () => -1,
    fromUnit: (u) => {
      const position = bottom + u * width;
      return clamp(log ? Math.exp(position) : position, low, high);
    },
    toUnit: (value) => ((log ? Math.log(Number(value)) : Number(value)) - bottom) / width,
    cellOf: (u) => [u, u],
    explain: (value) => explainRange(value, low, high),
  };
}

function steppedDomain({ low, high }: FloatParameter, step: number): Domain {
  const lattice = decimalLattice(low, high, step);
  const { size, at } = lattice;
  const indexOf = (value: ParameterValue): number =>
    Math.min(size - 1, Math.max(0, Math.round((Number(value) - low) / step)));
  return {
    size,
    at,
    indexOf,
    fromUnit: (u) => at(cell(u, size)),
    toUnit: (value) => (indexOf(value) + 0.5) / size,
    cellOf: (u) => equalCell(u, size),
    explain: (value) => {
      const problem = explainRange(value, low, high);
      if (problem !== undefined) return problem;
      const near = at(indexOf(value as number));
      // 0.1 + 0.2 is as good as 0.3: what a program computed may be off by a few units in the last place.
      return Math.abs(near - (value as number)) <= Math.abs(step) * 1e-9
        ? undefined
        : offLattice(value, low, step);
    },
  };
}

function offLattice(value: unknown, low: number, step: number): string {
  return `is ${show(value)}, but must be ${low} plus a multiple of ${step}`;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** `low + i * step` without the errors of binary addition: computed in whole units of the last decimal. */
function decimalLattice(
  low: number,
  high: number,
  step: number,
): { size: number; at: (index: number) => number } {
  const decimals = Math.max(decimalsOf(low), decimalsOf(step));
  const scale = 10 ** decimals;
  const [first, each, last] = [
    Math.round(low * scale),
    Math.round(step * scale),
    Math.floor(high * scale + 1e-6),
  ];
  if (decimals <= 22 && Number.isSafeInteger(first) && Number.isSafeInteger(last) && each > 0) {
    return {
      size: Math.floor((last - first) / each) + 1,
      at: (index) => Number(`${first + index * each}e-${decimals}`),
    };
  }
  return {
    size: Math.floor((high - low) / step + 1e-9) + 1,
    at: (index) => Math.min(high, low + index * step),
  };
}

/** Decimals in the shortest way to write a number: 2 for 0.25, 4 for 5e-4, 0 for 300. */
function decimalsOf(value: number): number {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}
