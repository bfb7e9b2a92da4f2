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
  /** Width of the narrowest cell; 0 without steps. */
  readonly cell: number;
  readonly domain: Domain;
}

/** Finer steps than this are as good as none. */
const finest = 1_000;

/** Parameters that exist under the same condition: they are searched together. */
export interface Group {
  /** Their indices among the axes. */
  readonly axes: readonly number[];
}

export function axesOf(space: Space): Axis[] {
  return space.parameters.flatMap(({ name, parameter, domain }) => {
    if (!domain) return [];
    const choices = parameter.kind === 'choice' ? domain.size : 0;
    const { size } = domain;
    const cell = choices > 0 || size > finest ? 0 : 1 / size;
    return [{ name, choices, cell, domain }];
  });
}

/** In an order in which the condition of each names parameters of groups before it. */
export function groupsOf(space: Space): Group[] {
  const groups = new Map<string, number[]>();
  space.parameters
    .filter(({ domain }) => domain)
    .forEach(({ parameter }, axis) => {
      const condition = parameter.when ?? '';
      const group = groups.get(condition);
      if (group) group.push(axis);
      else groups.set(condition, [axis]);
    });
  return [...groups.values()].map((axes) => ({ axes }));
}

/** One coordinate for each axis; NaN where the parameter is absent. */
export function encode(axes: readonly Axis[], parameters: Parameters): Float64Array {
  return Float64Array.from(axes, ({ name, choices, domain }) => {
    const value = parameters[name];
    if (value === undefined) return NaN;
    return choices > 0 ? domain.indexOf(value) : domain.toUnit(value);
  });
}

/** The value at a coordinate. */
export function valueAt({ choices, domain }: Axis, coordinate: number): ParameterValue {
  return choices > 0 ? domain.at(coordinate) : domain.fromUnit(coordinate);
}

/** The coordinate of the value at this place: the middle of its cell. */
export function snap({ cell, domain }: Axis, coordinate: number): number {
  return cell === 0 ? coordinate : domain.toUnit(domain.fromUnit(coordinate));
}
