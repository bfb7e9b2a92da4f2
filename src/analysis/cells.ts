import type { Domain } from '../sweep/domain.js';
import type { Parameters, ParameterValue } from '../sweep/parameter.js';
import type { Space } from '../sweep/space.js';
import type { SpaceParameter } from '../sweep/space-parameter.js';
import { absent, type Feature } from './forest.js';

/** Cells that a range of numbers is cut into, at most. */
const mostCells = 24;
/** Values of a choice that are told apart, at most. */
const mostValues = 64;

/** A searched parameter cut into cells: a value each where there are few, else ranges of the same width. */
export interface CellParameter extends Feature {
  readonly name: string;
  /** One value for each cell, in the middle of it. */
  readonly values: readonly ParameterValue[];
  readonly cellOf: (value: ParameterValue) => number;
}

/**
 * The searched parameters of a space. The widths of cells are even on the scale that the parameter is searched on; what
 * would hold no value is no cell.
 */
export function cellParameters(space: Space): CellParameter[] {
  return space.parameters.flatMap((entry) => cellParameter(entry) ?? []);
}

function cellParameter({ name, parameter, domain }: SpaceParameter): CellParameter | undefined {
  if (!domain) return undefined;
  const listed = parameter.kind === 'choice' || parameter.kind === 'ordinal';
  const ordered = parameter.kind !== 'choice';
  const count = Math.min(domain.size, listed ? mostValues : mostCells);
  if (domain.size === count) {
    const values = Array.from({ length: count }, (_, index) => domain.at(index));
    const cellOf = (value: ParameterValue): number => within(domain.indexOf(value), count);
    return { name, cells: count, ordered, values, cellOf };
  }
  const ranges = Array.from({ length: count }, (_, range) => ({
    range,
    value: middleOf(domain, range, count),
  })).filter(({ value }) => value !== undefined);
  const cells = new Map(ranges.map(({ range }, cell) => [range, cell]));
  return {
    name,
    cells: ranges.length,
    ordered,
    values: ranges.flatMap(({ value }) => value ?? []),
    cellOf: (value) => cells.get(rangeOf(domain, value, count)) ?? 0,
  };
}

/** Which of so many ranges of the same width a value is in. */
function rangeOf(domain: Domain, value: ParameterValue, count: number): number {
  return within(Math.floor(domain.toUnit(value) * count), count);
}

/**
 * The value of a range that is nearest to its middle. Undefined where it has none: on a logarithmic scale the first
 * whole numbers are further apart than ranges are wide.
 */
function middleOf(domain: Domain, range: number, count: number): ParameterValue | undefined {
  const middle = domain.fromUnit((range + 0.5) / count);
  if (domain.size === Infinity) return middle;
  const index = domain.indexOf(middle);
  return [index, index - 1, index + 1]
    .filter((near) => near >= 0 && near < domain.size)
    .map((near) => domain.at(near))
    .find((value) => rangeOf(domain, value, count) === range);
}

function within(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}

export function rowOf(parameters: readonly CellParameter[], configuration: Parameters): Int8Array {
  return Int8Array.from(parameters, ({ name, cellOf }) => {
    const value = configuration[name];
    return value === undefined ? absent : cellOf(value);
  });
}
