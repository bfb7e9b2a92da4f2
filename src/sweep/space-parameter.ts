import { domainOf, type Domain } from './domain.js';
import { compileExpression, type Expression } from './expression.js';
import type { Parameter, ParameterValue } from './parameter.js';

/** One parameter of a space with its expressions compiled. */
export interface SpaceParameter {
  readonly name: string;
  readonly parameter: Parameter;
  /** Absent for derived parameters. */
  readonly domain?: Domain;
  readonly when?: Expression;
  /** What a derived parameter is computed from; absent for constants. */
  readonly derived?: Expression;
}

/** Values of some parameters, by name, while a configuration is being put together. */
export type PartialConfiguration = Record<string, ParameterValue | undefined>;

/** No configuration could be found: the constraints are too tight, or contradict what was given. */
export class SpaceError extends Error {
  override readonly name = 'SpaceError';
}

export function compileParameter(name: string, parameter: Parameter): SpaceParameter {
  return {
    name,
    parameter,
    ...(parameter.kind === 'derived' ? {} : { domain: domainOf(parameter) }),
    ...(parameter.when === undefined ? {} : { when: compileExpression(parameter.when) }),
    ...(parameter.kind === 'derived' && typeof parameter.value === 'string'
      ? { derived: compileExpression(parameter.value) }
      : {}),
  };
}

/** Whether a parameter exists, given those before it. */
export function isActive({ when }: SpaceParameter, values: PartialConfiguration): boolean {
  return when === undefined || when.evaluate(values) === true;
}

/** The value of a derived parameter, given those before it. */
export function derivedValue(
  { derived, parameter }: SpaceParameter,
  values: PartialConfiguration,
): ParameterValue | undefined {
  if (derived) return derived.evaluate(values);
  return parameter.kind === 'derived' ? parameter.value : undefined;
}
