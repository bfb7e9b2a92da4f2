import type { Domain } from '../../../sweep/domain.js';
import type { Parameters, ParameterValue } from '../../../sweep/parameter.js';
import type { Space } from '../../../sweep/space.js';

/** One searched parameter as the estimator sees it. */
export interface Axis {
  readonly name: string;
  /**
   * How many values a choice has: its coordinate is then the index of the value. 0 for everything that has an order:
   * the coordinate is its place in [0, 1], logarithmic where the parameter is, and the middle of its cell where the
   * parameter has steps.
   */
  readonly choices: number;
  /** How wide the cell of one value is, on average; 0 where there are no steps, or too many to matter. */
  readonly cell: number;
  /** Exists only where its `when` is true. */
  readonly conditional: boolean;
  readonly domain: Domain;
}

/** With more values than this, a parameter is as good as one without steps. */
const mostCells = 1_000;

export function axesOf(space: Space): Axis[] {
  return space.parameters.flatMap(({ name, parameter, domain, when }) => {
    if (!domain) return [];
    const choices = parameter.kind === 'choice' ? domain.size : 0;
    const cell = choices > 0 || domain.size > mostCells ? 0 : 1 / domain.size;
    return [{ name, choices, cell, conditional: when !== undefined, domain }];
  });
}

/** Indices of axes with the same condition: they exist together or not at all. */
export type Group = readonly number[];

/** The group without a condition first, if there is one; each other names in its condition what is in groups before it. */
export function groupsOf(space: Space): Group[] {
  const groups = new Map<string, number[]>([['', []]]);
  space.parameters
    .filter(({ domain }) => domain)
    .forEach(({ parameter }, axis) => {
      const condition = parameter.when ?? '';
      const group = groups.get(condition);
      if (group) group.push(axis);
      else groups.set(condition, [axis]);
    });
  return [...groups.values()].filter(({ length }) => length > 0);
}

/** One coordinate for each axis; NaN where the parameter is absent. */
export function encode(axes: readonly Axis[], parameters: Parameters): Float64Array {
  return Float64Array.from(axes, (axis) => coordinateOf(axis, parameters));
}

export function coordinateOf({ name, choices, domain }: Axis, parameters: Parameters): number {
  const value = parameters[name];
  if (value === undefined) return NaN;
  return choices > 0 ? domain.indexOf(value) : domain.toUnit(value);
}

/** The value at a coordinate. */
export function valueAt({ choices, domain }: Axis, coordinate: number): ParameterValue {
  return choices > 0 ? domain.at(coordinate) : domain.fromUnit(coordinate);
}

/** The coordinate of the value at this place: the middle of its cell. */
export function snap({ cell, domain }: Axis, coordinate: number): number {
  return cell === 0 ? coordinate : domain.toUnit(domain.fromUnit(coordinate));
}
