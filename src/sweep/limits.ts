import { compileExpression, pickValues } from './expression.js';
import type { LimitCheck } from './objective.js';
import type { SweepDefinition } from './sweep-definition.js';
import { scalars } from './space.js';

/**
 * Tells which limits of a sweep a result does not hold. A limit over a metric that was not reported, or over a
 * parameter that is absent, is not held: nothing shows that it is.
 */
export function compileLimits(definition: Pick<SweepDefinition, 'limits' | 'fixed'>): LimitCheck {
  const limits = definition.limits.map(compileExpression);
  const fixed = scalars(definition.fixed);
  const names = new Set(limits.flatMap((limit) => [...limit.names]));
  return (parameters, metrics) => {
    if (limits.length === 0) return [];
    const values = pickValues(names, metrics, parameters, fixed);
    return limits.filter((limit) => limit.evaluate(values) !== true).map(({ text }) => text);
  };
}
