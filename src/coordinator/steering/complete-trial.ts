import type { Parameters } from '../../sweep/parameter.js';
import { createRandom } from '../../sweep/random.js';
import { compileSpace, type Bounds } from '../../sweep/space.js';
import { SpaceError } from '../../sweep/space-parameter.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { UsageError } from '../../support/errors.js';

/**
 * The configuration that a user's parameters make: those left out are filled in at random, derived ones are computed.
 * Pure.
 * @param number of the trial it will probably be, which decides what is filled in
 * @throws UsageError where the space does not hold it, naming parameter, rule and value
 */
export function completeTrial(
  definition: SweepDefinition,
  bounds: Bounds | undefined,
  given: Parameters,
  number: number,
): Parameters {
  const space = compileSpace(definition, bounds);
  const complete = fill(() => space.random(createRandom(definition.search.seed, number), given));
  // What is given and not taken over does not exist (a condition, a wrong name), or is computed.
  const problem = space.explain({ ...complete, ...given });
  if (problem !== undefined) throw new UsageError(`the trial can not be added: ${problem}`);
  return complete;
}

function fill(random: () => Parameters): Parameters {
  try {
    return random();
  } catch (error) {
    if (error instanceof SpaceError) throw new UsageError(`the trial can not be added: ${error.message}`);
    throw error;
  }
}
