import { generationsOf } from './pbt.js';
import type { Space } from './space.js';
import type { SweepDefinition } from './sweep-definition.js';

/** What `search.sampler` may say besides `auto`. A new sampler adds its name here and itself to the registry. */
export const availableSamplers = ['grid', 'random', 'sobol', 'tpe', 'gp', 'cmaes', 'nsga2', 'pbt'] as const;

/** What `pruner.type` may say. */
export const availablePruners: readonly string[] = [
  'asha',
  'hyperband',
  'forecast',
  'median',
  'percentile',
  'threshold',
  'patience',
  'wilcoxon',
];

/** A grid is chosen by itself up to this many configurations where `search.trials` does not say how many. */
export const largestUnaskedGrid = 1000n;

/** Seconds. Trials shorter than this would wait for a model of all results rather than it for them. */
export const shortTrial = 0.5;
/** Configurations for which `auto` takes its time even so: half a minute in all, and the better half of the search. */
export const alwaysModelled = 250;

export interface SamplerChoice {
  readonly name: string;
  /** Why `auto` came to it; absent where the sweep names its sampler. */
  readonly reason?: string;
}

/**
 * Up to this many configurations a model of all results is worth its time (about 0.1 s a suggestion); beyond, much is
 * known anyway, and trials so many are short.
 */
export const mostForGaussianProcess = 1000;
/** The same where the pruner is `forecast`: most of them are short, and its model costs the same however many there are. */
export const mostForCurves = 10_000;
/** Up to this many searched parameters: more make the model slow, and its distances say little. */
export const widestForGaussianProcess = 100;

/** The sampler that a sweep searches with: the one it names, or what `auto` comes to. */
export function chooseSampler(
  { search, replicates, pruner }: Pick<SweepDefinition, 'search' | 'replicates' | 'pruner'>,
  space: Space,
): SamplerChoice {
  if (search.sampler !== 'auto') return { name: search.sampler };
  const tries = search.trials === undefined ? undefined : Math.floor(search.trials / replicates);
  const size = space.size();
  if (size?.exact && size.points <= (tries === undefined ? largestUnaskedGrid : BigInt(tries))) {
    return { name: 'grid', reason: `all ${counted(size.points, 'configuration')} can be tried` };
  }
  const most =
    tries === undefined ? `${largestUnaskedGrid}` : `the ${tries} that ${search.trials} trials can try`;
  const noGrid = size
    ? `the space has ${size.exact ? '' : 'up to '}${counted(size.points, 'configuration')}, more than ${most}`
    : `"${space.continuous[0]}" has no step, so the space has no grid`;
  const parameters = space.searched.length;
  if (parameters > widestForGaussianProcess) {
    return { name: 'tpe', reason: `${noGrid}; ${parameters} parameters are too many for gp` };
  }
  const mostTries = pruner?.type === 'forecast' ? mostForCurves : mostForGaussianProcess;
  if (tries !== undefined && tries > mostTries) {
    return { name: 'tpe', reason: `${noGrid}; ${tries} configurations are too many for gp` };
  }
  const why = `gp needs the fewest configurations (tpe after ${alwaysModelled} of them if trials take under ${shortTrial} s)`;
  return { name: 'gp', reason: `${noGrid}; ${why}` };
}

function counted(n: bigint, thing: string): string {
  return `${n} ${thing}${n === 1n ? '' : 's'}`;
}

/**
 * How many trials a sweep will have if nothing ends it early, at most where contenders alone get all replicates;
 * undefined where only a budget ends it.
 */
export function plannedTrials(
  definition: Pick<SweepDefinition, 'search' | 'replicates' | 'maxReplicates'>,
  space: Space,
): number | undefined {
  const { trials: asked, pbt } = definition.search;
  if (pbt) return Math.min(asked ?? Infinity, pbt.population * generationsOf(pbt));
  const size = space.size();
  // No sampler tries a configuration of a finite space twice.
  if (!size?.exact) return asked;
  return Math.min(
    asked ?? Infinity,
    Number(size.points) * (definition.maxReplicates ?? definition.replicates),
  );
}

/** Whether the sampler proposes the same configurations whatever others came to; of pbt: those of one interval. */
export function proposesBlindly(
  definition: Pick<SweepDefinition, 'search' | 'replicates' | 'pruner'>,
  space: Space,
): boolean {
  return ['grid', 'random', 'sobol', 'pbt'].includes(chooseSampler(definition, space).name);
}
