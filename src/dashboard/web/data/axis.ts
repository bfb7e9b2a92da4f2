import { domainOf } from '../../../sweep/domain.js';
import type { ColumnData } from '../../api/charts.js';
import type { Parameter, ParameterValue } from '../../../sweep/parameter.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';

/** The x axis of the metric charts: one parameter, or the order of the trials. */
export interface Axis {
  readonly name: string;
  readonly kind: 'linear' | 'log' | 'category';
  /** Labels of the positions 0, 1, 2, ... of a category axis. */
  readonly categories: readonly string[];
}

/** The axis that has no parameter: the trial's number. No parameter can have this name, as it is no identifier. */
export const trialNumberAxis = '#';

/** Parameters that differ between trials, searched ones first. Constants are not among them. */
export function axisNames(definition: SweepDefinition): string[] {
  const entries = Object.entries(definition.space).filter(([, parameter]) => varies(parameter));
  const derived = entries.filter(([, { kind }]) => kind === 'derived');
  const searched = entries.filter(([, { kind }]) => kind !== 'derived');
  return [...searched, ...derived].map(([name]) => name);
}

function varies(parameter: Parameter): boolean {
  switch (parameter.kind) {
    case 'choice':
    case 'ordinal':
      return parameter.values.length > 1;
    case 'int':
    case 'float':
      return parameter.low < parameter.high;
    case 'derived':
      return typeof parameter.value === 'string';
  }
}

/** Numeric parameters come before names: that is where a curve can be seen. */
export function defaultAxis(definition: SweepDefinition): string {
  const names = axisNames(definition);
  const size = (name: string) => {
    const parameter = definition.space[name];
    if (!parameter) return 0;
    if (parameter.kind === 'int' || parameter.kind === 'float') return Infinity;
    return parameter.kind === 'derived' ? 0 : parameter.values.filter(isNumber).length;
  };
  return (
    names.reduce<string | undefined>(
      (best, name) => (best === undefined || size(name) > size(best) ? name : best),
      undefined,
    ) ?? trialNumberAxis
  );
}

const isNumber = (value: unknown) => typeof value === 'number';

/** The column that an axis shows. */
export function axisColumn(name: string): string {
  return name === trialNumberAxis ? 'number' : `parameter:${name}`;
}

export function axisOf(name: string, column: ColumnData | undefined): Axis {
  if (column?.categories) return { name, kind: 'category', categories: column.categories.map(String) };
  return { name, kind: column?.log ? 'log' : 'linear', categories: [] };
}

/** Numbers ascending; names in the order of the file. */
function inOrder(values: readonly ParameterValue[]): ParameterValue[] {
  return values.every(isNumber) ? [...values].sort((a, b) => Number(a) - Number(b)) : [...values];
}

/** Most groups that can be told apart by colour. */
const maxColours = 8;

/** Parameters by which points can be coloured: those with few values. */
export function colourNames(definition: SweepDefinition): string[] {
  return axisNames(definition).filter((name) => {
    const parameter = definition.space[name];
    return parameter && parameter.kind !== 'derived' && domainOf(parameter).size <= maxColours;
  });
}

/** All values of a parameter of `colourNames`, in the order of an axis: a value keeps its colour from the start. */
export function colourValues({ space }: SweepDefinition, name: string): ParameterValue[] {
  const parameter = space[name];
  if (!parameter || parameter.kind === 'derived') return [];
  const domain = domainOf(parameter);
  const values = Array.from({ length: domain.size }, (_, index) => domain.at(index));
  return parameter.kind === 'choice' ? inOrder(values) : values;
}
