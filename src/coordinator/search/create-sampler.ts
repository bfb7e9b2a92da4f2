import { compileLimits } from '../../sweep/limits.js';
import { chooseSampler, type availableSamplers } from '../../sweep/samplers.js';
import type { Space } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { CmaesSampler } from './cmaes/cmaes.js';
import { GpSampler } from './gp/gp.js';
import { GridSampler } from './grid.js';
import { Nsga2Sampler } from './nsga2/nsga2.js';
import { PbtSampler } from './pbt/pbt.js';
import { PacedSampler } from './paced.js';
import { RandomSampler } from './random.js';
import type { Sampler } from './sampler.js';
import { SobolSampler } from './sobol/sobol.js';
import { startingWith } from './start-with.js';
import { TpeSampler } from './tpe/tpe.js';
import { UntilDone } from './until-done.js';
import { earlierResults, type EarlierResults, type EarlierSweep } from './warm/earlier-results.js';
import { firstTries } from './warm/first-tries.js';

type Create = (definition: SweepDefinition, space: Space, earlier: readonly EarlierResults[]) => Sampler;

/** These learn from results, and begin with evenly spread configurations. */
const learning = { gp: GpSampler, tpe: TpeSampler, nsga2: Nsga2Sampler };

function learningSampler(name: keyof typeof learning): Create {
  return (definition, space, earlier) => {
    const evenlySpread = new SobolSampler(space, definition.search.seed);
    const limits = compileLimits(definition);
    return new learning[name](space, definition.objectives, limits, evenlySpread, earlier);
  };
}

/** `pbt` is made otherwise: what is tried first are configurations of its first members. */
const samplers: Readonly<Record<Exclude<(typeof availableSamplers)[number], 'pbt'>, Create>> = {
  grid: (_, space) => new GridSampler(space),
  random: (definition, space) => new RandomSampler(space, definition.search.seed),
  sobol: (definition, space) => new SobolSampler(space, definition.search.seed),
  tpe: learningSampler('tpe'),
  gp: learningSampler('gp'),
  cmaes: (definition, space) =>
    new CmaesSampler(space, definition.objectives, compileLimits(definition), definition.search.seed),
  nsga2: learningSampler('nsga2'),
};

/**
 * The sampler of a sweep, its `startWith` included, and the earlier sweeps that `search.warmStart` names. The definition
 * was checked, so its sampler exists.
 */
export function createSampler(
  definition: SweepDefinition,
  space: Space,
  sweeps: readonly EarlierSweep[] = [],
): Sampler {
  const earlier = sweeps.map((sweep) => earlierResults(definition, space, sweep));
  const { startWith, seed } = definition.search;
  const given = new Set(startWith.map((parameters) => space.key(parameters)));
  const next = firstTries(space, earlier).filter(({ parameters }) => !given.has(space.key(parameters)));
  if (definition.search.pbt) {
    const first = startingWith(startWith, next, new SobolSampler(space, seed), space, seed);
    return new PbtSampler(definition, space, compileLimits(definition), first);
  }
  const { name, reason } = chooseSampler(definition, space);
  const create = new Map<string, Create>(Object.entries(samplers)).get(name);
  if (!create) throw new Error(`no sampler "${name}"; there are ${Object.keys(samplers).join(', ')}`);
  let sampler = create(definition, space, earlier);
  // Only `auto` gives a reason; who asks for gp gets it whatever it costs.
  if (name === 'gp' && reason !== undefined)
    sampler = new PacedSampler(sampler, samplers.tpe(definition, space, earlier));
  if (definition.search.stopWhenDone) sampler = new UntilDone(sampler, definition, space);
  return startingWith(startWith, next, sampler, space, seed);
}
