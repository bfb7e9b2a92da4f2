import { chooseSampler } from '../../sweep/samplers.js';
import { compileSpace } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';

/** Trials that a sweep will have at most: what it asks for, or what its grid has; undefined where only a budget ends it. */
export function plannedTrials(definition: SweepDefinition): number | undefined {
  const { search, replicates } = definition;
  const asked = search.trials;
  const space = compileSpace(definition);
  if (chooseSampler(definition, space).name !== 'grid') return asked;
  const size = space.size();
  if (!size?.exact) return asked;
  return Math.min(asked ?? Infinity, Number(size.points) * replicates);
}
