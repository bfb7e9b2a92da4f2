import {
  functions,
  parseExpression,
  type BinaryOperator,
  type ExpressionNode,
  type NumberFunction,
} from './expression-syntax.js';
import type { ParameterValue } from './parameter.js';

/** Values by name, as an expression sees them. Names that are missing are absent. */
export type ExpressionValues = Readonly<Record<string, ParameterValue | undefined>>;

/**
 * An expression over parameters and metrics.
 *
 * **Absent values.** A conditional parameter can be absent, a metric may not have been reported yet, and some things
 * have no value (`1 / 0`, `log(-1)`, `"a" * 2`). Whatever is computed from an absent value is absent, but for what
 * follows anyway: `false && absent` is false, `true || absent` is true (the three values of SQL, with its rules).
 * So evaluation never throws. What an absent result means is up to where the expression stands:
 * a constraint holds where a parameter that it names is absent (it does not apply), and else not; a `when`, a limit,
 * `until` and `--where` are not met; a derived parameter is absent itself.
 */
export interface Expression {
  readonly text: string;
  readonly node: ExpressionNode;
  /** The parameters and metrics that it names. */
  readonly names: ReadonlySet<string>;
  /** `undefined` where the result is absent. Never throws. */
  evaluate(values: ExpressionValues): ParameterValue | undefined;
}

/**
 * The values of these names from the first source that has them. Much faster than to merge whole configurations for
 * each evaluation.
 */
export function pickValues(
  names: Iterable<string>,
  ...sources: readonly ExpressionValues[]
): Record<string, ParameterValue | undefined> {
  const values: Record<string, ParameterValue | undefined> = {};
  for (const name of names) {
    const source = sources.find((candidate) => Object.hasOwn(candidate, name));
    if (source) values[name] = source[name];
  }
  return values;
}

type Evaluate = (values: ExpressionValues) => ParameterValue | undefined;

/**
 * Operators: `+ - * / % **`, `== !=` (never equal across types), `< <= > >=` (two numbers or two texts),
 * `&& || !` (or `and or not`), `in [..]`, `test ? yes : no`; functions: min max abs sqrt log log2 log10 exp floor
 * ceil round pow; `+` also joins two texts. Throws `ExpressionError`.
 */
export function compileExpression(text: string): Expression {
  const node = parseExpression(text);
  const names = new Set<string>();
  const evaluate = compile(node, names);
  return { text, node, names, evaluate };
}

function compile(node: ExpressionNode, names: Set<string>): Evaluate {
  switch (node.kind) {
    case 'value':
      return () => node.value;
    case 'name': {
      const { name } = node;
      names.add(name);
      return (values) => (Object.hasOwn(values, name) ? values[name] : undefined);
    }
    case 'unary': {
      const argument = compile(node.argument, names);
      if (node.operator === '!') {
        return (values) => {
          const value = argument(values);
          return typeof value === 'boolean' ? !value : undefined;
        };
      }
      const sign = node.operator === '-' ? -1 : 1;
      return (values) => {
        const value = argument(values);
        return typeof value === 'number' ? finite(sign * value) : undefined;
      };
    }
    case 'binary': {
      const left = compile(node.left, names);
      const right = compile(node.right, names);
      if (node.operator === '&&' || node.operator === '||') return logical(node.operator, left, right);
      const apply = binary(node.operator);
      return (values) => {
        const a = left(values);
        if (a === undefined) return undefined;
        const b = right(values);
        return b === undefined ? undefined : apply(a, b);
      };
    }
    case 'in': {
      const value = compile(node.value, names);
      const list = node.list.map((element) => compile(element, names));
      return (values) => {
        const wanted = value(values);
        if (wanted === undefined) return undefined;
        const found = list.map((element) => element(values));
        if (found.includes(wanted)) return true;
        return found.includes(undefined) ? undefined : false;
      };
    }
    case 'choose': {
      const test = compile(node.test, names);
      const yes = compile(node.yes, names);
      const no = compile(node.no, names);
      return (values) => {
        const chosen = test(values);
        return typeof chosen === 'boolean' ? (chosen ? yes(values) : no(values)) : undefined;
      };
    }
    case 'call': {
      const { apply }: NumberFunction = functions[node.name];
      const inputs = node.arguments.map((argument) => compile(argument, names));
      return (values) => {
        const numbers: number[] = [];
        for (const input of inputs) {
          const value = input(values);
          if (typeof value !== 'number') return undefined;
          numbers.push(value);
        }
        return finite(apply(...numbers));
      };
    }
  }
}

function logical(operator: '&&' | '||', left: Evaluate, right: Evaluate): Evaluate {
  // What decides alone, whatever the other side is.
  const decisive = operator === '||';
  return (values) => {
    const a = left(values);
    if (a === decisive) return decisive;
    const b = right(values);
    if (b === decisive) return decisive;
    return typeof a === 'boolean' && typeof b === 'boolean' ? !decisive : undefined;
  };
}

type Apply = (a: ParameterValue, b: ParameterValue) => ParameterValue | undefined;

function binary(operator: Exclude<BinaryOperator, '&&' | '||'>): Apply {
  switch (operator) {
    case '==':
      return (a, b) => a === b;
    case '!=':
      return (a, b) => a !== b;
    case '<':
      return ordered((a, b) => a < b);
    case '<=':
      return ordered((a, b) => a <= b);
    case '>':
      return ordered((a, b) => a > b);
    case '>=':
      return ordered((a, b) => a >= b);
    case '+':
      return (a, b) =>
        typeof a === 'string' && typeof b === 'string' ? a + b : arithmetic((x, y) => x + y)(a, b);
    case '-':
      return arithmetic((a, b) => a - b);
    case '*':
      return arithmetic((a, b) => a * b);
    case '/':
      return arithmetic((a, b) => a / b);
    case '%':
      return arithmetic((a, b) => a % b);
    case '**':
      return arithmetic((a, b) => a ** b);
  }
}

function ordered(compare: <T extends string | number>(a: T, b: T) => boolean): Apply {
  return (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return compare(a, b);
    if (typeof a === 'string' && typeof b === 'string') return compare(a, b);
    return undefined;
  };
}

function arithmetic(compute: (a: number, b: number) => number): Apply {
  return (a, b) => (typeof a === 'number' && typeof b === 'number' ? finite(compute(a, b)) : undefined);
}

/** Infinite results and NaN have no value; -0 is 0. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value + 0 : undefined;
}
