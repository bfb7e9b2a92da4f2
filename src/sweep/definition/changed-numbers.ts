import { isPair, isScalar, isSeq, visit, type Document, type Node, type Pair } from 'yaml';
import type { Finding, Path } from './problem.js';

/** In decimals, hexadecimals or octals, as YAML 1.2 writes whole numbers. */
const wholeNumber = /^[+-]?\d+$|^0x[0-9a-fA-F]+$|^0o[0-7]+$/;

/**
 * Whole numbers of a file that a number of a program cannot keep, such as ids of twenty digits: they would go on as
 * other numbers. Each finding names the value as written.
 */
export function changedNumbers(document: Document.Parsed): Finding[] {
  const findings: Finding[] = [];
  visit(document, {
    Scalar: (key, { value, source = '' }, ancestors) => {
      if (key === 'key' || typeof value !== 'number' || isKept(source, value)) return;
      const path = pathOf(ancestors, key);
      const kept = Number.isFinite(value) ? BigInt(value) : value;
      const rule = `whole numbers are exact up to ${Number.MAX_SAFE_INTEGER}`;
      const hint = mayBeText(path) ? '; a text in quotes keeps it' : '';
      findings.push({ path, message: `${source} would be read as ${kept}: ${rule}${hint}` });
    },
  });
  return findings;
}

/** Whether a number is the whole number that is written; others are rounded, as numbers with a point always are. */
export function isKept(written: string, value: number): boolean {
  if (Number.isSafeInteger(value) || !wholeNumber.test(written)) return true;
  return Number.isFinite(value) && BigInt(written.replace(/^\+/, '')) === BigInt(value);
}

/** Fixed parameters and the values of lists may be texts; ranges and settings are numbers. */
function mayBeText(path: Path): boolean {
  return (
    path[0] === 'fixed' ||
    (!path.some((key) => key === 'int' || key === 'float') && typeof path.at(-1) === 'number')
  );
}

/** The keys and indices on the way to a node, the last of which is its `key` within its parent. */
function pathOf(ancestors: readonly (Node | Pair | Document)[], key: number | string | null): Path {
  return ancestors.flatMap((ancestor, depth): Path => {
    if (isPair(ancestor)) return isScalar(ancestor.key) ? [String(ancestor.key.value)] : [];
    if (!isSeq(ancestor)) return [];
    const next = ancestors[depth + 1];
    const index = next === undefined ? key : ancestor.items.indexOf(next);
    return typeof index === 'number' ? [index] : [];
  });
}
