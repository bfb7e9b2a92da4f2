import { domainOf, show } from '../domain.js';
import { equalityOperators, orderOperators, type ExpressionNode } from '../expression-syntax.js';
import { compileExpression, type Expression } from '../expression.js';
import type { ParameterValue, SearchedParameter } from '../parameter.js';
import { scalars } from '../space.js';
import type { SweepDefinition } from '../sweep-definition.js';
import type { Finding } from './problem.js';

/** Values of one parameter, and combinations of several, that are tried before a condition is left alone. */
const mostValues = 1000;
const mostCombinations = 10_000;

/**
 * Finds each `when` that is true nowhere, and each `value` that has none anywhere (`1 / 0`), so that its parameter never
 * exists: fixed values or the whole domains of what it names decide it. What cannot be tried out for certain is left alone.
 */
export function checkReach(definition: SweepDefinition): Finding[] {
  return Object.entries(definition.space).flatMap(([name, parameter]) => {
    const value = parameter.kind === 'derived' ? parameter.value : undefined;
    const findings = [
      neverOf(definition, name, 'when', parameter.when, 'never holds', (result) => result === true),
      neverOf(definition, name, 'value', value, 'never has a value', (result) => result !== undefined),
    ];
    return findings.filter((finding) => finding !== undefined);
  });
}

/** What is wrong with an expression of a parameter where nothing that it names gives it a result that will do. */
function neverOf(
  definition: SweepDefinition,
  name: string,
  key: 'when' | 'value',
  text: unknown,
  never: string,
  isGood: (result: ParameterValue | undefined) => boolean,
): Finding | undefined {
  if (typeof text !== 'string') return undefined;
  const expression = compileExpression(text);
  const tried = [...expression.names].map((named) => ({
    named,
    values: valuesOf(definition, named, expression),
  }));
  if (!tried.every(isDecided) || canBe(isGood, expression, tried)) return undefined;
  const why = tried.map(({ named }) => describe(definition, named)).join(', ');
  const message = `${never}, so "${name}" is in no configuration${why && `: ${why}`}`;
  return { path: ['space', name, key], message };
}

interface Tried {
  readonly named: string;
  readonly values: readonly ParameterValue[];
}

function isDecided(entry: {
  readonly named: string;
  readonly values: Tried['values'] | undefined;
}): entry is Tried {
  return entry.values !== undefined;
}

/** What an absent parameter leaves open, any of its values decides the same way or leaves open too: none is tried. */
function canBe(
  isGood: (result: ParameterValue | undefined) => boolean,
  expression: Expression,
  tried: readonly Tried[],
): boolean {
  const combinations = tried.reduce((product, { values }) => product * values.length, 1);
  if (combinations > mostCombinations) return true;
  const values: Record<string, ParameterValue> = {};
  const isGoodFrom = (index: number): boolean => {
    const entry = tried[index];
    if (!entry) return isGood(expression.evaluate(values));
    return entry.values.some((value) => {
      values[entry.named] = value;
      return isGoodFrom(index + 1);
    });
  };
  return isGoodFrom(0);
}

/** Values of a parameter of which at least one makes the condition true where any does; undefined: unknown. */
function valuesOf(
  { fixed, space }: SweepDefinition,
  name: string,
  { node }: Expression,
): readonly ParameterValue[] | undefined {
  const parameter = Object.hasOwn(space, name) ? space[name] : undefined;
  if (!parameter) {
    const value = scalars(fixed)[name];
    return value === undefined ? undefined : [value];
  }
  switch (parameter.kind) {
    case 'choice':
    case 'ordinal':
      return parameter.values;
    case 'derived':
      return typeof parameter.value === 'string' ? undefined : [parameter.value];
    case 'int':
    case 'float':
      return numbersOf(parameter, comparedWith(node, name));
  }
}

/** All numbers of a small domain; of a large one those that tell the sides of the bounds it is compared with. */
function numbersOf(
  parameter: SearchedParameter & { kind: 'int' | 'float' },
  bounds: readonly number[] | undefined,
): readonly ParameterValue[] | undefined {
  const { size, at } = domainOf(parameter);
  if (size <= mostValues) return Array.from({ length: size }, (_, index) => at(index));
  if (!bounds) return undefined;
  const { low, high, step = 0 } = parameter;
  if (size < Infinity) {
    const near = bounds.flatMap((bound) => {
      const index = Math.floor((bound - low) / step);
      return [index - 1, index, index + 1, index + 2];
    });
    const inside = [0, ...near, size - 1].map((index) => Math.min(size - 1, Math.max(0, index)));
    return [...new Set(inside)].map(at);
  }
  const ends = [low, ...bounds.filter((bound) => low < bound && bound < high), high].sort((a, b) => a - b);
  return [...ends, ...ends.slice(1).map((end, index) => (end + (ends[index] ?? end)) / 2)];
}

const comparisons: readonly string[] = [...equalityOperators, ...orderOperators];

/** The numbers that a parameter is compared with; undefined where anything else is done with it. */
function comparedWith(node: ExpressionNode, name: string): readonly number[] | undefined {
  const within = (parts: readonly ExpressionNode[]): readonly number[] | undefined => {
    const found = parts.map((part) => comparedWith(part, name));
    return found.every((numbers) => numbers !== undefined) ? found.flat() : undefined;
  };
  switch (node.kind) {
    case 'value':
      return [];
    case 'name':
      return node.name === name ? undefined : [];
    case 'unary':
      return within([node.argument]);
    case 'choose':
      return within([node.test, node.yes, node.no]);
    case 'call':
      return within(node.arguments);
    case 'in':
      return compared([node.value, ...node.list], name) ?? within([node.value, ...node.list]);
    case 'binary': {
      const sides = [node.left, node.right];
      return (comparisons.includes(node.operator) ? compared(sides, name) : undefined) ?? within(sides);
    }
  }
}

/** The numbers beside a name, where one side is the name and the others are numbers alone. */
function compared(sides: readonly ExpressionNode[], name: string): readonly number[] | undefined {
  const others = sides.filter((side) => side.kind !== 'name' || side.name !== name);
  if (others.length !== sides.length - 1) return undefined;
  const numbers = others.map(constant);
  return numbers.every((number) => number !== undefined) ? numbers : undefined;
}

function constant(node: ExpressionNode): number | undefined {
  if (node.kind === 'value') return typeof node.value === 'number' ? node.value : undefined;
  if (node.kind !== 'unary' || node.operator !== '-') return undefined;
  const value = constant(node.argument);
  return value === undefined ? undefined : -value;
}

function describe({ fixed, space }: SweepDefinition, name: string): string {
  const parameter = space[name];
  switch (parameter?.kind) {
    case undefined:
      return `"${name}" is fixed to ${show(fixed[name])}`;
    case 'choice':
    case 'ordinal': {
      const { values } = parameter;
      return `"${name}" is ${values.length > 6 ? `one of ${values.length} values` : values.map(show).join(' or ')}`;
    }
    case 'derived':
      return `"${name}" is ${show(parameter.value)}`;
    case 'int':
    case 'float':
      return `"${name}" is from ${parameter.low} to ${parameter.high}`;
  }
}
