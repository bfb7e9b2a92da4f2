import { show } from './domain.js';
import {
  ExpressionError,
  arithmeticOperators,
  equalityOperators,
  offsetOf,
  type ExpressionNode,
} from './expression-syntax.js';
import type { Expression } from './expression.js';
import { nearestName } from './nearest.js';
import type { ParameterValue } from './parameter.js';

/** What is known of a value before any trial has run. `unknown` may be anything, e.g. a choice of texts and numbers. */
export type ValueType = 'number' | 'string' | 'boolean' | 'unknown';

/** What is known of a name that an expression may use. */
export interface NameInfo {
  readonly type: ValueType;
  /** Why the thing can't have a value, as in `Domain.explain`; absent: no telling. */
  readonly explain?: (value: ParameterValue) => string | undefined;
  /** For texts: what it can be, to find what was meant. */
  readonly values?: readonly ParameterValue[];
}

/** Finds a name; returns a message (`unknown parameter "lrr" ...`) where it may not stand here. */
export type LookUp = (name: string) => NameInfo | string;

export interface TypeCheck {
  readonly type: ValueType;
  readonly errors: readonly ExpressionError[];
}

const shownTypes: Readonly<Record<ValueType, string>> = {
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  unknown: 'anything',
};

/** The type of a value. */
export function typeOf(value: ParameterValue): ValueType {
  return typeof value as ValueType;
}

/** The type of all of these values, if they have one in common. */
export function commonType(values: readonly ParameterValue[]): ValueType {
  const [first, ...others] = [...new Set(values.map(typeOf))];
  return first !== undefined && others.length === 0 ? first : 'unknown';
}

/**
 * Looks up every name and finds what can't be meant: arithmetic with texts, comparisons that are never true, a
 * condition that is none (`wanted`). Each unknown name is told once.
 */
export function checkExpression(expression: Expression, lookUp: LookUp, wanted?: 'boolean'): TypeCheck {
  const checker = new Checker(expression.text, lookUp);
  for (const name of expression.names) checker.resolve(name);
  const type = checker.check(expression.node);
  if (wanted === 'boolean' && type !== 'boolean' && type !== 'unknown' && checker.errors.length === 0) {
    checker.errors.push(
      new ExpressionError(
        `is ${shownTypes[type]}, but must be a condition, e.g. x <= 1`,
        0,
        expression.text.length,
      ),
    );
  }
  return { type, errors: checker.errors };
}

class Checker {
  readonly errors: ExpressionError[] = [];
  private readonly known = new Map<string, NameInfo>();

  constructor(
    private readonly text: string,
    private readonly lookUp: LookUp,
  ) {}

  resolve(name: string): void {
    const found = this.lookUp(name);
    if (typeof found === 'string')
      this.errors.push(new ExpressionError(found, offsetOf(this.text, name), name.length));
    this.known.set(name, typeof found === 'string' ? { type: 'unknown' } : found);
  }

  check(node: ExpressionNode): ValueType {
    switch (node.kind) {
      case 'value':
        return typeOf(node.value);
      case 'name':
        return this.known.get(node.name)?.type ?? 'unknown';
      case 'unary':
        if (node.operator === '!') return this.demand(node.argument, 'boolean', 'not');
        return this.demand(node.argument, 'number', `"${node.operator}"`);
      case 'call':
        for (const argument of node.arguments) this.demand(argument, 'number', `${node.name}()`);
        return 'number';
      case 'choose': {
        this.demand(node.test, 'boolean', '"?"');
        const yes = this.check(node.yes);
        return this.check(node.no) === yes ? yes : 'unknown';
      }
      case 'in':
        for (const element of node.list) this.checkEqual(node.value, element);
        return 'boolean';
      case 'binary':
        return this.checkBinary(node);
    }
  }

  private checkBinary(node: ExpressionNode & { kind: 'binary' }): ValueType {
    const { operator, left, right } = node;
    if (operator === '&&' || operator === '||') {
      this.demand(left, 'boolean', `"${operator}"`);
      return this.demand(right, 'boolean', `"${operator}"`);
    }
    if (isOneOf(equalityOperators, operator)) {
      this.checkEqual(left, right);
      return 'boolean';
    }
    if (isOneOf(arithmeticOperators, operator)) {
      if (operator === '+') return this.checkPair(node, 'unknown');
      this.demand(left, 'number', `"${operator}"`);
      return this.demand(right, 'number', `"${operator}"`);
    }
    if (left.kind === 'binary' && this.check(left) === 'boolean') {
      this.fail(left, 'comparisons can not be chained; write a < b && b < c');
      return 'boolean';
    }
    this.checkPair(node, 'boolean');
    return 'boolean';
  }

  /** Two numbers or two texts. */
  private checkPair(node: ExpressionNode & { kind: 'binary' }, otherwise: ValueType): ValueType {
    const types = [this.check(node.left), this.check(node.right)] as const;
    const [left, right] = types;
    if (left === 'unknown' || right === 'unknown') return otherwise;
    if (left === right && left !== 'boolean') return left;
    const culprit = left === 'number' || (left === 'string' && right !== 'number') ? node.right : node.left;
    const what = this.describe(culprit, culprit === node.left ? left : right);
    this.fail(culprit, `"${node.operator}" needs two numbers or two texts, but ${what}`);
    return otherwise;
  }

  private checkEqual(left: ExpressionNode, right: ExpressionNode): void {
    const [a, b] = [this.check(left), this.check(right)];
    if (a !== 'unknown' && b !== 'unknown' && a !== b) {
      this.fail(left, `${this.describe(left, a)} and ${this.describe(right, b)}: they are never equal`);
      return;
    }
    const [name, value] = left.kind === 'name' ? [left, right] : [right, left];
    if (name.kind !== 'name' || value.kind !== 'value') return;
    const { explain, values } = this.known.get(name.name) ?? {};
    if (explain?.(value.value) === undefined) return;
    const texts = (values ?? []).filter((candidate) => typeof candidate === 'string');
    const nearest = typeof value.value === 'string' ? nearestName(value.value, texts) : undefined;
    const hint = nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
    const allowed = explain(value.value)?.replace(/^is .*?, but /s, '') ?? '';
    this.fail(name, `"${name.name}" is never ${show(value.value)}: it ${allowed}${hint}`);
  }

  private demand<T extends ValueType>(node: ExpressionNode, wanted: T, who: string): T {
    const type = this.check(node);
    if (type !== wanted && type !== 'unknown') {
      this.fail(node, `${who} needs ${shownTypes[wanted]}, but ${this.describe(node, type)}`);
    }
    return wanted;
  }

  private describe(node: ExpressionNode, type: ValueType): string {
    if (node.kind === 'name') return `"${node.name}" is ${shownTypes[type]}`;
    if (node.kind === 'value') return `${show(node.value)} is ${shownTypes[type]}`;
    return `what stands there is ${shownTypes[type]}`;
  }

  private fail(node: ExpressionNode, message: string): void {
    if (this.errors.some((error) => error.message === message)) return;
    const name = firstName(node);
    this.errors.push(
      name === undefined
        ? new ExpressionError(message, 0, this.text.length)
        : new ExpressionError(message, offsetOf(this.text, name), name.length),
    );
  }
}

function isOneOf<T extends string>(list: readonly T[], text: string): text is T {
  return (list as readonly string[]).includes(text);
}

/** The first name in a part of an expression. */
function firstName(node: ExpressionNode): string | undefined {
  switch (node.kind) {
    case 'value':
      return undefined;
    case 'name':
      return node.name;
    case 'unary':
      return firstName(node.argument);
    case 'binary':
      return firstName(node.left) ?? firstName(node.right);
    case 'in':
      return firstName(node.value);
    case 'choose':
      return firstName(node.test);
    case 'call':
      return node.arguments.map(firstName).find((name) => name !== undefined);
  }
}
