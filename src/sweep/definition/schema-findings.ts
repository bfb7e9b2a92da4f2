import { z } from 'zod';
import { show } from '../domain.js';
import { didYouMean } from '../nearest.js';
import type { Finding, Path } from './problem.js';

type Issue = z.core.$ZodIssue;

/**
 * Checks data against a schema. Every violation becomes a finding under `path` that says what was found and what is
 * allowed.
 */
export function checkShape<T>(
  schema: z.ZodType<T>,
  data: unknown,
  path: Path,
): { readonly value: T } | { readonly findings: Finding[] } {
  const result = schema.safeParse(data);
  if (result.success) return { value: result.data };
  return { findings: result.error.issues.flatMap((issue) => translate(issue, data, path, keysOf(schema))) };
}

/** What is left of a section without the entries that are wrong, so that the rest can be checked further. */
export function salvage<T>(schema: z.ZodType<T>, data: unknown): T | undefined {
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return undefined;
  const wrong = new Set<PropertyKey>();
  for (const issue of schema.safeParse(data).error?.issues ?? []) {
    for (const key of issue.code === 'unrecognized_keys' ? issue.keys : issue.path.slice(0, 1))
      wrong.add(key);
  }
  return schema.safeParse(Object.fromEntries(Object.entries(data).filter(([key]) => !wrong.has(key)))).data;
}

function translate(issue: Issue, data: unknown, base: Path, keys: readonly string[]): Finding[] {
  const inner = issue.path.filter((step) => typeof step !== 'symbol');
  const path = [...base, ...inner];
  const found = valueAt(data, inner);
  const finding = (message: string, atKey = false): Finding[] => [
    { path, message, ...(atKey ? { atKey } : {}) },
  ];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, keys), atKey: true }));
    case 'invalid_key':
      return finding(issue.issues[0]?.message ?? 'is not allowed as a key', true);
    case 'invalid_union':
      return translateUnion(issue, data, base, found, path);
    case 'invalid_type':
      if (found === undefined) return finding('is missing');
      if (issue.expected === 'int' && typeof found === 'number') {
        return finding(`must be a whole number, not ${show(found)}`);
      }
      return finding(`must be ${typeNames[issue.expected] ?? issue.expected}, not ${describe(found)}`);
    case 'invalid_value':
      if (!issue.message.startsWith('Invalid')) return finding(`${issue.message}, not ${describe(found)}`);
      return finding(mustBeOneOf(issue.values, found));
    case 'too_small':
      return finding(tooSmall(issue, found));
    case 'too_big':
      if (issue.origin === 'array')
        return finding(`must have at most ${issue.maximum} values, not ${count(found)}`);
      return finding(
        `must be ${issue.inclusive === false ? 'below' : 'at most'} ${String(issue.maximum)}, not ${show(found)}`,
      );
    case 'invalid_format':
    case 'custom':
      return finding(`${issue.message}, not ${describe(found)}`);
    default:
      return finding(`${issue.message}, found ${describe(found)}`);
  }
}

/** Of the ways to write a thing, the one that was meant is the one whose outer type fits. */
function translateUnion(
  issue: Issue & { code: 'invalid_union' },
  data: unknown,
  base: Path,
  found: unknown,
  path: Path,
): Finding[] {
  const meant = issue.errors.find(
    (issues) => !issues.some(({ code, path: at }) => code === 'invalid_type' && at.length === 0),
  );
  if (meant) {
    const depth = path.length - base.length;
    return meant.flatMap((inner) =>
      translate(inner, depth === 0 ? data : found, path, keysInUnion(inner, path)),
    );
  }
  const expected = issue.errors.flatMap((issues) =>
    issues.map((inner) =>
      inner.code === 'invalid_type' ? (typeNames[inner.expected] ?? inner.expected) : '',
    ),
  );
  const names = [...new Set(expected.filter((text) => text !== ''))];
  if (found === undefined) return [{ path, message: `is missing; it must be ${list(names)}` }];
  return [{ path, message: `must be ${list(names)}, not ${describe(found)}` }];
}

/** The unions of objects with keys, by section. */
const unionKeys: Readonly<Record<string, readonly string[]>> = {
  trainable: ['command'],
  replicates: ['min', 'max'],
};

function keysInUnion(issue: Issue, path: readonly PropertyKey[]): readonly string[] {
  return issue.code === 'unrecognized_keys' ? (unionKeys[String(path[0])] ?? []) : [];
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list of two numbers',
  object: 'a section with keys',
  record: 'a section with keys',
  null: 'null',
};

/** What was found, for messages. */
export function describe(found: unknown): string {
  if (found === undefined || found === null) return 'nothing';
  if (Array.isArray(found)) return found.length === 0 ? 'an empty list' : 'a list';
  if (typeof found === 'object')
    return Object.keys(found).length === 0 ? 'an empty section' : 'a section with keys';
  if (typeof found === 'number' && !Number.isFinite(found)) return String(found);
  return show(typeof found === 'string' && found.length > 60 ? `${found.slice(0, 60)}...` : found);
}

export function unknownKey(key: string, allowed: readonly string[]): string {
  return `unknown key "${key}"${didYouMean(key, allowed)}; allowed: ${allowed.join(', ')}`;
}

function mustBeOneOf(values: readonly unknown[], found: unknown): string {
  const texts = values.filter((value) => typeof value === 'string');
  const allowed = values.map((value) => (typeof value === 'string' ? value : show(value)));
  const hint = typeof found === 'string' ? didYouMean(found, texts) : '';
  if (found === undefined) return `is missing; it must be ${list(allowed)}`;
  return `must be ${list(allowed)}, not ${describe(found)}${hint}`;
}

function tooSmall(issue: Issue & { code: 'too_small' }, found: unknown): string {
  if (issue.origin === 'array') {
    return issue.minimum === 1
      ? 'must not be empty'
      : `must have ${issue.minimum} values, not ${count(found)}`;
  }
  if (issue.origin === 'string') return 'must not be empty';
  const rule = issue.inclusive === false ? 'above' : 'at least';
  return `must be ${rule} ${String(issue.minimum)}, not ${show(found)}`;
}

function count(found: unknown): number {
  return Array.isArray(found) ? found.length : 0;
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    return (value as Record<string | number, unknown>)[step];
  }, data);
}

/** The keys that a section may have. */
function keysOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) {
    return keysOf(schema.unwrap());
  }
  return [];
}
