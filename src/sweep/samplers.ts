import type { Space } from './space.js';
import type { SweepDefinition } from './sweep-definition.js';

/** What `search.sampler` may say besides `auto`. A new sampler adds its name here and itself to the registry. */
export const availableSamplers = ['grid', 'random', 'sobol', 'tpe', 'gp'] as const;

/** Named in the design, not written yet: refused with a text that says so. */
export const plannedSamplers = ['cmaes', 'nsga2', 'pbt'] as const;

/** What `pruner.type` may say: nothing yet. */
export const availablePruners: readonly string[] = [];
export const plannedPruners = [
  'asha',
  'hyperband',
  'bohb',
  'median',
  'percentile',
  'threshold',
  'patience',
  'wilcoxon',
] as const;

/** A grid is chosen by itself up to this many configurations where `search.trials` does not say how many. */
export const largestUnaskedGrid = 1000n;

export interface SamplerChoice {
  readonly name: string;
  /** Why `auto` came to it; absent where the sweep names its sampler. */
  readonly reason?: string;
}

/** The sampler that a sweep searches with: the one it names, or what `auto` comes to. */
export function chooseSampler(
  { search, replicates }: Pick<SweepDefinition, 'search' | 'replicates'>,
  space: Space,
): SamplerChoice {
  if (search.sampler !== 'auto') return { name: search.sampler };
  const size = space.size();
  if (!size)
    return { name: 'random', reason: `"${space.continuous[0]}" has no step, so the space has no grid` };
  const most =
    search.trials === undefined ? largestUnaskedGrid : BigInt(Math.floor(search.trials / replicates));
  const points = `${size.points} configuration${size.points === 1n ? '' : 's'}`;
  if (size.exact && size.points <= most) return { name: 'grid', reason: `all ${points} can be tried` };
  const than = search.trials === undefined ? `${most}` : `the ${most} that ${search.trials} trials can try`;
  return {
    name: 'random',
    reason: `the space has ${size.exact ? '' : 'up to '}${points}, more than ${than}`,
  };
}

/** How many trials a sweep will have if nothing ends it early; undefined where only a budget ends it. */
export function plannedTrials(
  definition: Pick<SweepDefinition, 'search' | 'replicates'>,
  space: Space,
): number | undefined {
  const asked = definition.search.trials;
  const size = space.size();
  // No sampler tries a configuration of a finite space twice.
  if (!size?.exact) return asked;
  return Math.min(asked ?? Infinity, Number(size.points) * definition.replicates);
}
