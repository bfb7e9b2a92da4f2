import { ExpressionError } from '../../../sweep/expression-syntax.js';
import { checkExpression, commonType, typeOf, type NameInfo } from '../../../sweep/expression-types.js';
import { compileExpression, type ExpressionValues } from '../../../sweep/expression.js';
import { didYouMean } from '../../../sweep/nearest.js';
import type { Parameter, ParameterValue } from '../../../sweep/parameter.js';
import { scalars } from '../../../sweep/space.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { UsageError } from '../../../support/errors.js';

/** What `--where` can ask for besides parameters and metrics, with one value of its type. */
export type ExtraFields = Readonly<Record<string, ParameterValue>>;

export interface Where {
  /** Whether these values meet the condition; names that have no value meet nothing. */
  matches(values: ExpressionValues): boolean;
}

/**
 * Compiles `--where EXPR`. `metrics` are those that trials have; unknown names are an error, with the nearest known
 * one. Throws `UsageError` that marks the place.
 */
export function compileWhere(
  text: string,
  definition: SweepDefinition,
  metrics: Iterable<string>,
  fields: ExtraFields,
): Where {
  const known = new Map<string, NameInfo>();
  for (const [name, value] of Object.entries(fields)) known.set(name, { type: typeOf(value) });
  const fixed = scalars(definition.fixed);
  for (const [name, value] of Object.entries(fixed)) known.set(name, { type: typeOf(value) });
  for (const [name, parameter] of Object.entries(definition.space)) known.set(name, infoOf(parameter));
  for (const name of metrics) known.set(name, { type: 'number' });
  try {
    const expression = compileExpression(text);
    const { errors } = checkExpression(
      expression,
      (name) => known.get(name) ?? unknownName(name, known.keys()),
      'boolean',
    );
    const [first] = errors;
    if (first) throw first;
    return { matches: (values) => expression.evaluate({ ...fixed, ...values }) === true };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const mark = ' '.repeat(error.offset) + '^'.repeat(Math.max(1, error.length));
    throw new UsageError(`--where: ${error.message}\n  ${text}\n  ${mark}`, { cause: error });
  }
}

function infoOf(parameter: Parameter): NameInfo {
  switch (parameter.kind) {
    case 'choice':
    case 'ordinal':
      return { type: commonType(parameter.values) };
    case 'int':
    case 'float':
      return { type: 'number' };
    case 'derived':
      return { type: typeof parameter.value === 'string' ? 'unknown' : typeOf(parameter.value) };
  }
}

function unknownName(name: string, known: Iterable<string>): string {
  const names = [...known];
  return `unknown name "${name}"${didYouMean(name, names)}; there are ${names.join(', ')}`;
}
