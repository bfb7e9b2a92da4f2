import { compileExpression, pickValues } from './expression.js';
import type { LimitCheck } from './objective.js';
import type { SweepDefinition } from './sweep-definition.js';
import { scalars } from './space.js';

/**
 * Tells which limits of a sweep a result does not hold. A limit over a metric that was not reported, or over a
 * parameter that is absent, is not held: nothing shows that it is. Of an unfinished trial it is left open, for many
 * metrics come at the end alone.
 */
export function compileLimits(definition: Pick<SweepDefinition, 'limits' | 'fixed'>): LimitCheck {
  const limits = definition.limits.map(compileExpression);
  const fixed = scalars(definition.fixed);
  const names = new Set(limits.flatMap((limit) => [...limit.names]));
  return (parameters, metrics, isUnfinished = false) => {
    if (limits.length === 0) return [];
    const values = pickValues(names, metrics, parameters, fixed);
    const holds = (value: unknown): boolean => value === true || (isUnfinished && value === undefined);
    return limits.filter((limit) => !holds(limit.evaluate(values))).map(({ text }) => text);
  };
}
