import type { Space } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { GridSampler } from './grid.js';
import { RandomSampler } from './random.js';
import type { Sampler } from './sampler.js';
import { startingWith } from './start-with.js';

const samplers: Readonly<Record<string, (definition: SweepDefinition, space: Space) => Sampler>> = {
  grid: (_, space) => new GridSampler(space),
  random: (definition, space) => new RandomSampler(space, definition.search.seed),
};

/** `auto` takes the grid for a finite space of at most so many configurations where `search.trials` is not given. */
const largestAutoGrid = 1_000n;

export interface SamplerChoice {
  readonly name: string;
  /** Why `auto` came to it; absent where the sweep names its sampler. */
  readonly reason?: string;
}

/** The sampler that a sweep searches with: the one it names, or what `auto` comes to. */
export function chooseSampler(definition: SweepDefinition, space: Space): SamplerChoice {
  const { sampler, trials } = definition.search;
  if (sampler !== 'auto') return { name: sampler };
  const size = space.size();
  if (size === undefined)
    return { name: 'random', reason: `${space.continuous[0]} is continuous, so the space has no grid` };
  const points = size.points * BigInt(definition.replicates);
  const most = trials === undefined ? largestAutoGrid * BigInt(definition.replicates) : BigInt(trials);
  const of = `${size.points} ${size.points === 1n ? 'configuration' : 'configurations'}`;
  return points <= most
    ? { name: 'grid', reason: `all ${of} can be tried` }
    : { name: 'random', reason: `the space has ${size.exact ? '' : 'up to '}${of}, more than can be tried` };
}

/** The sampler of a sweep, its `startWith` included. The definition was checked, so its sampler exists. */
export function createSampler(definition: SweepDefinition, space: Space): Sampler {
  const { name } = chooseSampler(definition, space);
  const create = Object.hasOwn(samplers, name) ? samplers[name] : undefined;
  if (!create) throw new Error(`no sampler "${name}"; there are ${Object.keys(samplers).join(', ')}`);
  return startingWith(definition.search.startWith, create(definition, space), space, definition.search.seed);
}
