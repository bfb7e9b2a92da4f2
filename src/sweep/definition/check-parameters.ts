import { show } from '../domain.js';
import { didYouMean } from '../nearest.js';
import { reservedWords } from '../expression-syntax.js';
import type { Parameter, ParameterValue } from '../parameter.js';
import type { Finding, Path } from './problem.js';
import { checkShape, describe, unknownKey } from './schema-findings.js';
import { identifier, parameterKinds, type ParameterKind } from './schema.js';

const kinds = Object.keys(parameterKinds) as ParameterKind[];
const forms =
  'a list of values, { int: [low, high] }, { float: [low, high] }, { ordinal: [...] }, { choice: [...] } or { value: expression }';

/** Why a name can't be one of a parameter or metric; undefined where it can. */
export function nameProblem(name: string): string | undefined {
  if (!identifier.test(name)) {
    return `"${name}" is not a name: letters, digits and _, not a digit first, at most 64 characters`;
  }
  if (reservedWords.includes(name) || name in {}) return `"${name}" is a reserved word and can not be a name`;
  return undefined;
}

/** One entry of `space`. The parameter is undefined where it is too wrong to go on with. */
export function readParameter(
  name: string,
  data: unknown,
): { readonly parameter?: Parameter; readonly findings: readonly Finding[] } {
  const path: Path = ['space', name];
  const problem = nameProblem(name);
  const findings: Finding[] = problem === undefined ? [] : [{ path, message: problem, atKey: true }];
  const { parameter, findings: more } = readForm(data, path);
  findings.push(...more);
  if (parameter) findings.push(...checkRange(parameter, data, path));
  return parameter && findings.length === 0 ? { parameter, findings } : { findings };
}

function readForm(data: unknown, path: Path): { parameter?: Parameter; findings: readonly Finding[] } {
  if (Array.isArray(data)) {
    const shape = checkShape(parameterKinds.choice.shape.choice, data, path);
    return 'value' in shape
      ? { parameter: { kind: 'choice', values: shape.value }, findings: [] }
      : { findings: shape.findings };
  }
  if (data === null || typeof data !== 'object') {
    const constant = data === null ? '' : '; a constant belongs under fixed';
    return { findings: [{ path, message: `must be ${forms}, not ${describe(data)}${constant}` }] };
  }
  const given = kinds.filter((kind) => Object.hasOwn(data, kind));
  const [kind] = given;
  if (kind === undefined) return { findings: [noKind(Object.keys(data), path)] };
  if (given.length > 1) {
    return { findings: [{ path, message: `is ${given.join(' and ')} at once; a parameter is of one kind` }] };
  }
  switch (kind) {
    case 'choice': {
      const shape = checkShape(parameterKinds.choice, data, path);
      if ('findings' in shape) return shape;
      return { parameter: { kind, values: shape.value.choice, ...whenOf(shape.value) }, findings: [] };
    }
    case 'ordinal': {
      const shape = checkShape(parameterKinds.ordinal, data, path);
      if ('findings' in shape) return shape;
      return { parameter: { kind, values: shape.value.ordinal, ...whenOf(shape.value) }, findings: [] };
    }
    case 'int': {
      const shape = checkShape(parameterKinds.int, data, path);
      if ('findings' in shape) return shape;
      const { int, step, log } = shape.value;
      return {
        parameter: { kind, low: int[0], high: int[1], step, log, ...whenOf(shape.value) },
        findings: [],
      };
    }
    case 'float': {
      const shape = checkShape(parameterKinds.float, data, path);
      if ('findings' in shape) return shape;
      const { float, step, log } = shape.value;
      const stepped = step === undefined ? {} : { step };
      return {
        parameter: { kind, low: float[0], high: float[1], ...stepped, log, ...whenOf(shape.value) },
        findings: [],
      };
    }
    case 'value': {
      const shape = checkShape(parameterKinds.value, data, path);
      if ('findings' in shape) return shape;
      return {
        parameter: { kind: 'derived', value: shape.value.value, ...whenOf(shape.value) },
        findings: [],
      };
    }
  }
}

function whenOf({ when }: { when?: string | undefined }): { when?: string } {
  return when === undefined ? {} : { when };
}

function noKind(keys: readonly string[], path: Path): Finding {
  const near = keys.find((key) => didYouMean(key, kinds) !== '');
  if (near !== undefined) {
    return { path: [...path, near], message: unknownKey(near, kinds), atKey: true };
  }
  const has = keys.length === 0 ? 'an empty section' : `only ${keys.map((key) => `"${key}"`).join(', ')}`;
  return { path, message: `must be ${forms}, but has ${has}`, atKey: true };
}

/** What the numbers of a parameter must hold together. */
function checkRange(parameter: Parameter, data: unknown, path: Path): Finding[] {
  switch (parameter.kind) {
    case 'derived':
      return [];
    case 'choice':
    case 'ordinal': {
      const at = Array.isArray(data) ? path : [...path, parameter.kind];
      return checkValues(parameter.values, at);
    }
    case 'int':
    case 'float':
      return checkNumbers(parameter, path, Object.hasOwn(data as object, 'step'));
  }
}

function checkValues(values: readonly ParameterValue[], path: Path): Finding[] {
  const findings: Finding[] = [];
  const seen = new Map<ParameterValue, number>();
  values.forEach((value, index) => {
    const before = seen.get(value);
    if (before === undefined) seen.set(value, index);
    else findings.push({ path: [...path, index], message: `${show(value)} is in the list twice` });
    if (typeof value === 'number' && !Number.isFinite(value)) {
      findings.push({ path: [...path, index], message: `must be finite, not ${value}` });
    }
  });
  return findings;
}

function checkNumbers(
  parameter: Parameter & { kind: 'int' | 'float' },
  path: Path,
  hasStep: boolean,
): Finding[] {
  const { kind, low, high, step, log } = parameter;
  const range = [...path, kind];
  if (low >= high) {
    const hint = low === high ? '; a constant belongs under fixed' : '';
    return [{ path: range, message: `low ${low} must be below high ${high}${hint}` }];
  }
  if (!Number.isFinite(high - low)) return [{ path: range, message: `[${low}, ${high}] is too wide` }];
  const findings: Finding[] = [];
  if (log && low <= 0) {
    findings.push({ path: range, message: `low must be above 0 where log is true, not ${low}` });
  }
  if (log && step !== undefined && !(kind === 'int' && step === 1)) {
    findings.push({
      path: [...path, 'step'],
      message: 'step and log exclude each other; leave one out',
      atKey: true,
    });
  } else if (step !== undefined && step > high - low) {
    findings.push({
      path: [...path, 'step'],
      message: `must be at most the range, ${high} - ${low} = ${Number((high - low).toPrecision(12))}, not ${step}`,
    });
  } else if (step !== undefined && (high - low) / step > Number.MAX_SAFE_INTEGER) {
    const most = Number.MAX_SAFE_INTEGER;
    findings.push(
      hasStep
        ? { path: [...path, 'step'], message: `is too small for the range, ${step}` }
        : { path: range, message: `has more than ${most} values from ${low} to ${high}; narrow it` },
    );
  } else if (step !== undefined && kind === 'float') {
    const largest = Math.max(Math.abs(low), Math.abs(high));
    const apart = distanceAt(largest);
    if (step < apart) {
      const message = `is too small for numbers as large as ${largest}, which are ${apart} apart: ${step}`;
      findings.push({ path: [...path, 'step'], message });
    }
  }
  return findings;
}

/** From one number that a program can keep to the next. With steps below it, several of them are the same number. */
function distanceAt(value: number): number {
  return 2 ** (Math.floor(Math.log2(value)) - 52);
}
