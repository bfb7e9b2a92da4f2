import jsep from 'jsep';
import { didYouMean } from './nearest.js';
import type { ParameterValue } from './parameter.js';

/** What an expression is made of, after parsing. Nothing else can be written. */
export type ExpressionNode =
  | { readonly kind: 'value'; readonly value: ParameterValue }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly argument: ExpressionNode }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: ExpressionNode;
      readonly right: ExpressionNode;
    }
  | { readonly kind: 'in'; readonly value: ExpressionNode; readonly list: readonly ExpressionNode[] }
  | {
      readonly kind: 'choose';
      readonly test: ExpressionNode;
      readonly yes: ExpressionNode;
      readonly no: ExpressionNode;
    }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly arguments: readonly ExpressionNode[] };

export const unaryOperators = ['-', '+', '!'] as const;
export type UnaryOperator = (typeof unaryOperators)[number];

export const arithmeticOperators = ['+', '-', '*', '/', '%', '**'] as const;
export const orderOperators = ['<', '<=', '>', '>='] as const;
export const equalityOperators = ['==', '!='] as const;
export const logicalOperators = ['&&', '||'] as const;
export type BinaryOperator =
  | (typeof arithmeticOperators)[number]
  | (typeof orderOperators)[number]
  | (typeof equalityOperators)[number]
  | (typeof logicalOperators)[number];
const binaryOperators: readonly string[] = [
  ...arithmeticOperators,
  ...orderOperators,
  ...equalityOperators,
  ...logicalOperators,
];

/** Functions over numbers, with how many arguments they take (at least, at most). */
export const functions = {
  abs: { least: 1, most: 1, apply: Math.abs },
  ceil: { least: 1, most: 1, apply: Math.ceil },
  exp: { least: 1, most: 1, apply: Math.exp },
  floor: { least: 1, most: 1, apply: Math.floor },
  log: { least: 1, most: 1, apply: Math.log },
  log10: { least: 1, most: 1, apply: Math.log10 },
  log2: { least: 1, most: 1, apply: Math.log2 },
  max: { least: 1, most: 64, apply: Math.max },
  min: { least: 1, most: 64, apply: Math.min },
  pow: { least: 2, most: 2, apply: Math.pow },
  round: { least: 1, most: 1, apply: Math.round },
  sqrt: { least: 1, most: 1, apply: Math.sqrt },
} as const satisfies Record<string, NumberFunction>;
export type FunctionName = keyof typeof functions;
export interface NumberFunction {
  readonly least: number;
  readonly most: number;
  readonly apply: (...values: number[]) => number;
}

/** Words that are part of the language, and so no name of a parameter or metric. */
export const reservedWords: readonly string[] = ['true', 'false', 'null', 'this', 'and', 'or', 'not', 'in'];

/** Characters an expression may have. */
export const longestExpression = 2000;

/** An expression that is none. `offset` is where in its text (0 is the first character). */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  constructor(
    message: string,
    readonly offset: number,
    /** How many characters from there are meant. */
    readonly length = 1,
  ) {
    super(message);
  }
}

// jsep keeps its grammar in static tables; this module is the only one that uses it.
jsep.addBinaryOp('or', 1);
jsep.addBinaryOp('and', 2);
jsep.addBinaryOp('in', 7);
jsep.addUnaryOp('not');
for (const operator of ['|', '^', '&', '===', '!==', '<<', '>>', '>>>', '??']) jsep.removeBinaryOp(operator);
jsep.removeUnaryOp('~');
jsep.removeLiteral('null');

/** The first place of a word in an expression, text in quotes left out. */
export function offsetOf(text: string, word: string): number {
  const blanked = text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, (quoted) => ' '.repeat(quoted.length));
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const at = blanked.search(new RegExp(`(?<![\\w$.])${literal}(?![\\w$])`));
  return Math.max(0, at);
}

/** Parses; throws `ExpressionError`. Names are not looked up: that is `checkExpression`. */
export function parseExpression(text: string): ExpressionNode {
  if (text.trim() === '') throw new ExpressionError('is empty', 0);
  if (text.length > longestExpression) {
    throw new ExpressionError(`has ${text.length} characters; at most ${longestExpression} are allowed`, 0);
  }
  return convert(parseSyntax(text), text);
}

function parseSyntax(text: string): jsep.Expression {
  try {
    return jsep(text);
  } catch (error) {
    const { description, index } = error as Error & { description?: string; index?: number };
    if (description === undefined || index === undefined) {
      // The parser recurses: thousands of parentheses end its stack.
      throw new ExpressionError('is nested too deeply', 0);
    }
    throw syntaxError(text, description, index);
  }
}

/** jsep's errors in the words of the language, with what was probably meant. */
function syntaxError(text: string, description: string, index: number): ExpressionError {
  const at = Math.min(index, Math.max(0, text.length - 1));
  const around = text.slice(Math.max(0, index - 1), index + 2);
  if (/===|!==/.test(text.slice(Math.max(0, index - 2), index + 3))) {
    return new ExpressionError('there is no === or !==; write == or !=', at);
  }
  if (/(^|[^=!<>])=([^=]|$)/.test(around)) {
    return new ExpressionError('there is no assignment; write == to compare', at);
  }
  if (text[index] === '&' || text[index] === '|') {
    const single = text[index];
    return new ExpressionError(`there is no ${single}; write ${single}${single}`, at);
  }
  if (text[index] === '^') return new ExpressionError('there is no ^; write ** for powers', at);
  if (index >= text.length && !/unclosed|expected \)/i.test(description)) {
    return new ExpressionError('ends too early', at);
  }
  return new ExpressionError(`does not parse: ${description[0]?.toLowerCase()}${description.slice(1)}`, at);
}

function convert(raw: jsep.Expression, text: string): ExpressionNode {
  const node = raw as jsep.CoreExpression;
  const sub = (child: jsep.Expression): ExpressionNode => convert(child, text);
  switch (node.type) {
    case 'Literal': {
      const { value } = node;
      if (typeof value === 'number' && !Number.isFinite(value)) {
        throw new ExpressionError(
          `${node.raw} is too large a number`,
          text.indexOf(node.raw),
          node.raw.length,
        );
      }
      return { kind: 'value', value: value as ParameterValue };
    }
    case 'Identifier':
      return { kind: 'name', name: node.name };
    case 'UnaryExpression': {
      const operator = node.operator === 'not' ? '!' : node.operator;
      return { kind: 'unary', operator: operator as UnaryOperator, argument: sub(node.argument) };
    }
    case 'BinaryExpression':
      return convertBinary(node, text, sub);
    case 'ConditionalExpression':
      return { kind: 'choose', test: sub(node.test), yes: sub(node.consequent), no: sub(node.alternate) };
    case 'CallExpression':
      return convertCall(node, text, sub);
    case 'ArrayExpression':
      throw new ExpressionError('a list can only stand behind "in"', Math.max(0, text.indexOf('[')));
    case 'MemberExpression':
      throw new ExpressionError('names have no fields', memberOffset(text));
    case 'Compound': {
      const second = node.body[1];
      if (second === undefined) throw new ExpressionError('is empty', 0);
      const offset = isIdentifier(second) ? offsetOf(text, second.name) : 0;
      throw new ExpressionError('is more than one expression; an operator is missing', offset);
    }
    case 'SequenceExpression':
      throw new ExpressionError(
        'commas can only stand between the arguments of a function',
        commaOffset(text),
      );
    case 'ThisExpression':
      throw new ExpressionError('unknown name "this"', offsetOf(text, 'this'), 4);
    default:
      throw new ExpressionError('does not parse', 0);
  }
}

function convertBinary(
  node: jsep.BinaryExpression,
  text: string,
  sub: (child: jsep.Expression) => ExpressionNode,
): ExpressionNode {
  if (node.operator === 'in') {
    if (node.right.type !== 'ArrayExpression') {
      throw new ExpressionError(
        'a list in brackets must follow "in", e.g. x in [1, 2]',
        offsetOf(text, 'in'),
        2,
      );
    }
    const elements = (node.right as jsep.ArrayExpression).elements;
    const list = elements.map((element) => {
      if (element === null)
        throw new ExpressionError('a value is missing in the list', Math.max(0, text.indexOf(',')));
      return sub(element);
    });
    if (list.length === 0)
      throw new ExpressionError('the list behind "in" is empty', Math.max(0, text.indexOf('[')));
    return { kind: 'in', value: sub(node.left), list };
  }
  // jsep reads -a ** 2 as (-a) ** 2, mathematics reads it as -(a ** 2), JavaScript refuses it. So do we.
  if (node.operator === '**' && node.left.type === 'UnaryExpression') {
    throw new ExpressionError(
      'a sign before ** can be read in two ways; write -(a ** b) or pow(-a, b)',
      Math.max(0, text.indexOf('**')),
      2,
    );
  }
  const words: Record<string, string> = { and: '&&', or: '||' };
  const operator = words[node.operator] ?? node.operator;
  if (!binaryOperators.includes(operator)) {
    throw new ExpressionError(
      `there is no operator ${operator}`,
      Math.max(0, text.indexOf(operator)),
      operator.length,
    );
  }
  return {
    kind: 'binary',
    operator: operator as BinaryOperator,
    left: sub(node.left),
    right: sub(node.right),
  };
}

function convertCall(
  node: jsep.CallExpression,
  text: string,
  sub: (child: jsep.Expression) => ExpressionNode,
): ExpressionNode {
  if (!isIdentifier(node.callee)) {
    throw new ExpressionError('only functions can be called', Math.max(0, text.indexOf('(')));
  }
  const { name } = node.callee;
  const offset = offsetOf(text, name);
  if (!Object.hasOwn(functions, name)) {
    const known = Object.keys(functions);
    const message = `unknown function "${name}"${didYouMean(name, known)}; there are ${known.join(', ')}`;
    throw new ExpressionError(message, offset, name.length);
  }
  const { least, most } = functions[name as FunctionName];
  const count = node.arguments.length;
  if (count < least || count > most) {
    const allowed = least === most ? `${least}` : `${least} to ${most}`;
    throw new ExpressionError(
      `${name}() takes ${allowed} argument${most === 1 ? '' : 's'}, not ${count}`,
      offset,
      name.length,
    );
  }
  return { kind: 'call', name: name as FunctionName, arguments: node.arguments.map(sub) };
}

function isIdentifier(node: jsep.Expression): node is jsep.Identifier {
  return node.type === 'Identifier';
}

function memberOffset(text: string): number {
  return Math.max(0, text.search(/(?<=[\w$)\]"'])\s*[.[]|\?\./));
}

function commaOffset(text: string): number {
  return Math.max(0, text.search(/[,;]/));
}
