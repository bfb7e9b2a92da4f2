import { domainOf } from '../domain.js';
import { ExpressionError } from '../expression-syntax.js';
import { checkExpression, commonType, typeOf, type NameInfo, type ValueType } from '../expression-types.js';
import { compileExpression, type Expression } from '../expression.js';
import type { JsonObject } from '../json.js';
import { didYouMean, nearestName } from '../nearest.js';
import { orderByDependencies } from '../order.js';
import type { Parameter } from '../parameter.js';
import type { Finding, Path } from './problem.js';

/** What the expressions of a sweep can name. Parameters that are wrong themselves are known by name alone. */
export interface Names {
  readonly fixed: JsonObject;
  readonly parameters: ReadonlyMap<string, Parameter | undefined>;
  /** Names of the metrics to optimise. */
  readonly objectives: ReadonlySet<string>;
}

/** An expression and where it stands. */
export interface PlacedExpression {
  readonly text: string;
  readonly path: Path;
}

export interface OrderedParameters {
  /** All names of parameters, each after those its expressions name, where there is no circle. */
  readonly order: readonly string[];
  readonly findings: readonly Finding[];
}

/** Compiles, or tells what is wrong where. */
function compileAt({ text, path }: PlacedExpression): Expression | Finding {
  try {
    return compileExpression(text);
  } catch (error) {
    if (error instanceof ExpressionError) return findingOf(error, { text, path });
    throw error;
  }
}

function findingOf(error: ExpressionError, { text, path }: PlacedExpression): Finding {
  return { path, message: error.message, within: { text, offset: error.offset, length: error.length } };
}

function isFinding(value: Expression | Finding): value is Finding {
  return 'message' in value;
}

/** The names as expressions see them, growing as derived parameters get their types. */
export class KnownNames {
  private readonly infos = new Map<string, NameInfo>();

  constructor(private readonly names: Names) {
    for (const [name, value] of Object.entries(names.fixed)) {
      const simple = value !== null && typeof value !== 'object';
      this.infos.set(name, { type: simple ? typeOf(value) : 'unknown' });
    }
    for (const [name, parameter] of names.parameters) this.infos.set(name, infoOf(parameter));
  }

  setType(name: string, type: ValueType): void {
    this.infos.set(name, { type });
  }

  /** For expressions over parameters alone. */
  readonly parameter = (name: string): NameInfo | string => {
    const info = this.parameterInfo(name);
    if (info) return info;
    if (this.names.objectives.has(name)) {
      return `"${name}" is a metric; this is about parameters, which are known before a trial runs (use limits)`;
    }
    return `unknown parameter "${name}"${didYouMean(name, this.infos.keys())}`;
  };

  /**
   * For expressions over metrics and parameters. A trainable may report metrics that the sweep file does not name, so
   * an unknown name is a metric, unless it looks like a known name written wrongly.
   */
  readonly metric = (name: string): NameInfo | string => {
    const info = this.parameterInfo(name);
    if (info) return info;
    if (this.names.objectives.has(name)) return { type: 'number' };
    const nearest = nearestName(name, [...this.names.objectives, ...this.infos.keys()]);
    // recall1 beside recall2 is no mistake.
    if (nearest === undefined || withoutDigits(nearest) === withoutDigits(name)) return { type: 'number' };
    return `unknown metric or parameter "${name}" (did you mean "${nearest}"?)`;
  };

  private parameterInfo(name: string): NameInfo | string | undefined {
    if (Object.hasOwn(this.names.fixed, name)) {
      const value = this.names.fixed[name];
      if (value === null || typeof value === 'object') {
        return `the fixed parameter "${name}" is not a number, text or true or false, so it can not stand in an expression`;
      }
    }
    return this.infos.get(name);
  }
}

function withoutDigits(name: string): string {
  return name.replace(/\d/g, '');
}

function infoOf(parameter: Parameter | undefined): NameInfo {
  switch (parameter?.kind) {
    case undefined:
      return { type: 'unknown' };
    case 'choice':
    case 'ordinal':
      return {
        type: commonType(parameter.values),
        values: parameter.values,
        explain: domainOf(parameter).explain,
      };
    case 'int':
    case 'float':
      return { type: 'number', explain: domainOf(parameter).explain };
    case 'derived':
      return { type: typeof parameter.value === 'string' ? 'unknown' : typeOf(parameter.value) };
  }
}

/** Checks `when` and `value` of all parameters and puts the parameters in order. */
export function checkParameterExpressions(names: Names, known: KnownNames): OrderedParameters {
  const findings: Finding[] = [];
  const compiled = new Map<
    string,
    { expression: Expression; place: PlacedExpression; key: 'when' | 'value' }[]
  >();
  for (const [name, parameter] of names.parameters) {
    const expressions: { expression: Expression; place: PlacedExpression; key: 'when' | 'value' }[] = [];
    for (const key of ['value', 'when'] as const) {
      const text = expressionIn(parameter, key);
      if (text === undefined) continue;
      const place = { text, path: ['space', name, key] };
      const expression = compileAt(place);
      if (isFinding(expression)) findings.push(expression);
      else expressions.push({ expression, place, key });
    }
    compiled.set(name, expressions);
  }
  const dependencies = new Map(
    [...compiled].map(([name, list]) => [name, list.flatMap(({ expression }) => [...expression.names])]),
  );
  const sorted = orderByDependencies(dependencies);
  if ('circle' in sorted) findings.push(circleFinding(sorted.circle, compiled));
  const order = 'ordered' in sorted ? sorted.ordered : [...compiled.keys()];
  for (const name of order) {
    for (const { expression, place, key } of compiled.get(name) ?? []) {
      const check = checkExpression(expression, known.parameter, key === 'when' ? 'boolean' : undefined);
      findings.push(...check.errors.map((error) => findingOf(error, place)));
      if (key === 'value') known.setType(name, check.type);
    }
  }
  return { order, findings };
}

function expressionIn(parameter: Parameter | undefined, key: 'when' | 'value'): string | undefined {
  if (key === 'when') return parameter?.when;
  return parameter?.kind === 'derived' && typeof parameter.value === 'string' ? parameter.value : undefined;
}

function circleFinding(
  circle: readonly string[],
  compiled: ReadonlyMap<string, readonly { expression: Expression; key: 'when' | 'value' }[]>,
): Finding {
  const [first = '', second = ''] = circle;
  const key = compiled.get(first)?.find(({ expression }) => expression.names.has(second))?.key ?? 'when';
  const chain = circle.map((name) => `"${name}"`);
  const message =
    circle.length === 2
      ? `${chain[0]} depends on itself`
      : `parameters depend on each other in a circle: ${chain.join(' needs ')}`;
  return { path: ['space', first, key], message };
}

/** Checks expressions that must be conditions over parameters (constraints) or over metrics too (limits, until). */
export function checkConditions(
  places: readonly PlacedExpression[],
  over: 'parameters' | 'metrics',
  names: Names,
  known: KnownNames,
): Finding[] {
  return places.flatMap((place) => {
    const expression = compileAt(place);
    if (isFinding(expression)) return [expression];
    const { errors } = checkExpression(
      expression,
      over === 'parameters' ? known.parameter : known.metric,
      'boolean',
    );
    if (errors.length > 0) return errors.map((error) => findingOf(error, place));
    const varying = [...expression.names].some((name) =>
      over === 'parameters' ? names.parameters.has(name) : !Object.hasOwn(names.fixed, name),
    );
    if (varying) return [];
    const what = over === 'parameters' ? 'parameter of the space' : 'metric or parameter of the space';
    return [{ path: place.path, message: `names no ${what}, so it is the same for every trial` }];
  });
}
