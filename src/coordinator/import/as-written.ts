import { domainOf } from '../../sweep/domain.js';
import type { ParameterValue } from '../../sweep/parameter.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import type { Result } from './results.js';

/**
 * The parameters of a row as the sweep has them. A cell of a CSV file does not say whether it is a number or a text:
 * it is the text as written where the sweep has that, and not the number.
 */
export function asWritten(
  { space, fixed }: SweepDefinition,
  { parameters, written }: Result,
): Record<string, ParameterValue> {
  const read = Object.entries(parameters).map(([name, value]): [string, ParameterValue] => {
    const text = written?.get(name);
    if (text === undefined || isValue(name, value)) return [name, value];
    return [name, isValue(name, text) ? text : value];
  });
  return Object.fromEntries(read);

  function isValue(name: string, value: ParameterValue): boolean {
    const parameter = Object.hasOwn(space, name) ? space[name] : undefined;
    if (parameter && parameter.kind !== 'derived') return domainOf(parameter).explain(value) === undefined;
    return !parameter && fixed[name] === value;
  }
}
