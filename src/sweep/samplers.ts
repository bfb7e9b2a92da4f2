import type { Space } from './space.js';
import type { SweepDefinition } from './sweep-definition.js';

/** What `search.sampler` may say besides `auto`. A new sampler adds its name here and itself to the registry. */
export const availableSamplers = ['grid', 'random'] as const;
export type SamplerName = (typeof availableSamplers)[number];

/** Named in the design, not written yet: refused with a text that says so. */
export const plannedSamplers = ['sobol', 'tpe', 'gp', 'cmaes', 'nsga2', 'pbt'] as const;

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
  readonly sampler: SamplerName;
  /** Why, for people. */
  readonly reason: string;
}

/** Which sampler a sweep uses, and why: its own, or what `auto` stands for. */
export function chooseSampler(
  { search, replicates }: Pick<SweepDefinition, 'search' | 'replicates'>,
  space: Space,
): SamplerChoice {
  const named = availableSamplers.find((name) => name === search.sampler);
  if (named) return { sampler: named, reason: 'as the sweep says' };
  const size = space.size();
  if (!size) {
    return { sampler: 'random', reason: `"${space.continuous[0]}" has no step, so there is no grid` };
  }
  const most =
    search.trials === undefined ? largestUnaskedGrid : BigInt(Math.floor(search.trials / replicates));
  const points = `${size.exact ? '' : 'up to '}${size.points} configuration${size.points === 1n ? '' : 's'}`;
  const allowed =
    search.trials === undefined
      ? `up to ${most} are tried without being asked for`
      : `${search.trials} trials`;
  return size.exact && size.points <= most
    ? { sampler: 'grid', reason: `the space has ${points}, and ${allowed}` }
    : { sampler: 'random', reason: `the space has ${points}, and ${allowed}` };
}
