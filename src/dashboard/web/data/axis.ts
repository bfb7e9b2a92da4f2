import { domainOf } from '../../../sweep/domain.js';
import type { Parameter, ParameterValue, Parameters } from '../../../sweep/parameter.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';

/** The x axis of the metric charts: one parameter, or the order of the trials. */
export interface Axis {
  readonly name: string;
  readonly kind: 'linear' | 'log' | 'category';
  /** Labels of the positions 0, 1, 2, ... of a category axis. */
  readonly categories: readonly string[];
  /** Where a trial is; `undefined` where it has no such parameter. */
  position(trial: { readonly number: number; readonly parameters: Parameters }): number | undefined;
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

export function createAxis(definition: SweepDefinition, name: string, trials: Iterable<Trial>): Axis {
  const parameter = definition.space[name];
  if (!parameter) {
    return { name: trialNumberAxis, kind: 'linear', categories: [], position: (trial) => trial.number };
  }
  if (parameter.kind === 'int' || parameter.kind === 'float') {
    return numericAxis(name, parameter.log ? 'log' : 'linear');
  }
  if (parameter.kind === 'ordinal') return categoryAxis(name, parameter.values);
  if (parameter.kind === 'choice') return categoryAxis(name, inOrder(parameter.values));
  const seen = [...new Set([...trials].flatMap(({ parameters }) => parameters[name] ?? []))];
  return seen.every(isNumber) ? numericAxis(name, 'linear') : categoryAxis(name, inOrder(seen));
}

function numericAxis(name: string, kind: 'linear' | 'log'): Axis {
  const position: Axis['position'] = ({ parameters }) => {
    const value = parameters[name];
    return typeof value === 'number' ? value : undefined;
  };
  return { name, kind, categories: [], position };
}

/** Numbers ascending; names in the order of the file. */
function inOrder(values: readonly ParameterValue[]): ParameterValue[] {
  return values.every(isNumber) ? [...values].sort((a, b) => Number(a) - Number(b)) : [...values];
}

function categoryAxis(name: string, ordered: readonly ParameterValue[]): Axis {
  const positions = new Map(ordered.map((value, index) => [value, index]));
  return {
    name,
    kind: 'category',
    categories: ordered.map(String),
    position: ({ parameters }) => {
      const value = parameters[name];
      return value === undefined ? undefined : positions.get(value);
    },
  };
}

/** Most groups that can be told apart by colour. */
export const maxColours = 8;

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
