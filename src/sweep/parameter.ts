/**
 * The parameters that a space is made of. These are plain data: what a `sweep.yaml` says after every default
 * has been filled in. What one does with them (size, grid points, random points) is in `space.ts`.
 */

/** A value that a parameter of the space can take. */
export type ParameterValue = string | number | boolean;

/** One configuration of a space, by parameter name. A conditional parameter whose condition is false is absent. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

interface Conditional {
  /** Expression over parameters that come before this one; the parameter exists only where it is true. */
  readonly when?: string;
}

/** One of several values without an order. */
export interface ChoiceParameter extends Conditional {
  readonly kind: 'choice';
  readonly values: readonly ParameterValue[];
}

/** One of several values whose order means something, e.g. 1, 2, 4 layers. */
export interface OrdinalParameter extends Conditional {
  readonly kind: 'ordinal';
  readonly values: readonly ParameterValue[];
}

/** A whole number in `low`, `low + step`, ... up to and including `high`. */
export interface IntParameter extends Conditional {
  readonly kind: 'int';
  readonly low: number;
  readonly high: number;
  /** @default 1 */
  readonly step: number;
  /** Searched on a logarithmic scale. Excludes a step other than 1. @default false */
  readonly log: boolean;
}

/** A real number in `[low, high]`, on the multiples of `step` above `low` where there is one. */
export interface FloatParameter extends Conditional {
  readonly kind: 'float';
  readonly low: number;
  readonly high: number;
  readonly step?: number;
  /** Searched on a logarithmic scale. Excludes a step. @default false */
  readonly log: boolean;
}

/** Not searched: computed from the parameters before it (`{ value: 'lr / 10' }`), or a constant (`{ value: 3 }`). */
export interface DerivedParameter extends Conditional {
  readonly kind: 'derived';
  /** A constant when it is not a string; a string is an expression. */
  readonly value: ParameterValue;
}

/** The parameters that a sampler chooses. */
export type SearchedParameter = ChoiceParameter | OrdinalParameter | IntParameter | FloatParameter;

export type Parameter = SearchedParameter | DerivedParameter;
