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

/** The searched parameters of a space. The widths of cells are even on the scale that the parameter is searched on. */
export function cellParameters(space: Space): CellParameter[] {
  return space.parameters.flatMap((entry) => cellParameter(entry) ?? []);
}

function cellParameter({ name, parameter, domain }: SpaceParameter): CellParameter | undefined {
  if (!domain) return undefined;
  const listed = parameter.kind === 'choice' || parameter.kind === 'ordinal';
  const cells = Math.min(domain.size, listed ? mostValues : mostCells);
  const each = domain.size === cells;
  const cellOf = (value: ParameterValue): number => {
    const cell = each ? domain.indexOf(value) : Math.floor(domain.toUnit(value) * cells);
    return Math.min(cells - 1, Math.max(0, cell));
  };
  const values = Array.from({ length: cells }, (_, cell) =>
    each ? domain.at(cell) : domain.fromUnit((cell + 0.5) / cells),
  );
  return { name, cells, ordered: parameter.kind !== 'choice', values, cellOf };
}

export function rowOf(parameters: readonly CellParameter[], configuration: Parameters): Int8Array {
  return Int8Array.from(parameters, ({ name, cellOf }) => {
    const value = configuration[name];
    return value === undefined ? absent : cellOf(value);
  });
}
