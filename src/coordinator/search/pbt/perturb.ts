import type { Parameters, ParameterValue } from '../../../sweep/parameter.js';
import type { PbtDefinition } from '../../../sweep/pbt.js';
import type { Random } from '../../../sweep/random.js';
import type { SpaceParameter } from '../../../sweep/space-parameter.js';
import type { Space } from '../../../sweep/space.js';

/** Changes that break a constraint, before the configuration stays as it is. */
const draws = 32;

/**
 * What a copy has in place of these parameters (Jaderberg et al. 2017, "explore"): each changeable one is drawn anew with
 * probability `resample`, else moved. Numbers are multiplied by one of the two factors, those of a range with 0 in it move
 * by the same part of the range; what has steps moves by one at least. Of ordered values a neighbour is taken; choices
 * have none and change by being drawn anew alone. Everything stays within its bounds.
 */
export function perturbed(
  space: Space,
  parameters: Parameters,
  changeable: ReadonlySet<string>,
  { perturb, resample }: Pick<PbtDefinition, 'perturb' | 'resample'>,
  random: Random,
): Parameters {
  for (let draw = 0; draw < draws; draw++) {
    const values: Record<string, ParameterValue> = {};
    for (const entry of space.parameters) {
      const { name, domain } = entry;
      if (!domain) continue;
      const value = parameters[name];
      // Those that were absent too: a change of another may bring them into being.
      if (value === undefined) values[name] = domain.fromUnit(random.next());
      else if (!changeable.has(name)) values[name] = value;
      else if (random.next() < resample) values[name] = domain.fromUnit(random.next());
      else values[name] = moved(entry, value, perturb[random.below(2)] ?? 1);
    }
    const found = space.complete(values);
    if (space.brokenConstraint(found) === undefined) return found;
  }
  return parameters;
}

/** @param factor above 1: up, below: down; of negative numbers the other way round */
function moved({ parameter, domain }: SpaceParameter, value: ParameterValue, factor: number): ParameterValue {
  if (!domain || parameter.kind === 'choice' || parameter.kind === 'derived') return value;
  const stepped = (by: number, least: number): ParameterValue => {
    const index = domain.indexOf(value) + (by > 0 ? Math.max(1, least) : Math.min(-1, least));
    return domain.at(Math.min(domain.size - 1, Math.max(0, index)));
  };
  if (parameter.kind === 'ordinal') return stepped(factor - 1, 0);
  const { low, high } = parameter;
  const number = Number(value);
  const by = (factor - 1) * (low > 0 || high < 0 ? number : high - low);
  const target = Math.min(high, Math.max(low, number + by));
  if (domain.size === Infinity) return target;
  return stepped(by, domain.indexOf(target) - domain.indexOf(value));
}
