import { chooseSampler, type availableSamplers } from '../../sweep/samplers.js';
import type { Space } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { GridSampler } from './grid.js';
import { RandomSampler } from './random.js';
import type { Sampler } from './sampler.js';
import { startingWith } from './start-with.js';

type Create = (definition: SweepDefinition, space: Space) => Sampler;

const samplers: Readonly<Record<(typeof availableSamplers)[number], Create>> = {
  grid: (_, space) => new GridSampler(space),
  random: (definition, space) => new RandomSampler(space, definition.search.seed),
};

/** The sampler of a sweep, its `startWith` included. The definition was checked, so its sampler exists. */
export function createSampler(definition: SweepDefinition, space: Space): Sampler {
  const { name } = chooseSampler(definition, space);
  const create = new Map<string, Create>(Object.entries(samplers)).get(name);
  if (!create) throw new Error(`no sampler "${name}"; there are ${Object.keys(samplers).join(', ')}`);
  return startingWith(definition.search.startWith, create(definition, space), space, definition.search.seed);
}
