import { didYouMean } from '../nearest.js';
import { changeable, generationsOf } from '../pbt.js';
import type { Space } from '../space.js';
import type { SweepDefinition } from '../sweep-definition.js';
import type { Finding } from './problem.js';

/** What does not go together with population-based training. Nothing where the sweep has another sampler. */
export function checkPbt(definition: SweepDefinition, space: Space): Finding[] {
  const { search, pruner, replicates, maxReplicates } = definition;
  const { pbt } = search;
  if (!pbt) return [];
  const findings: Finding[] = [];
  const find = (path: Finding['path'], message: string, atKey = true): unknown =>
    findings.push({ path, message, atKey });
  if (replicates > 1 || maxReplicates !== undefined)
    find(['replicates'], 'must be 1 with the sampler pbt, whose members have a seed each');
  if (pruner) find(['pruner'], 'is of no use with the sampler pbt, which itself decides who goes on');
  if (search.stopWhenDone)
    find(['search', 'stopWhenDone'], 'is of no use with the sampler pbt, whose results change with the step');
  const { population, keep } = pbt;
  keep.forEach((name, index) => {
    if (space.searched.includes(name)) return;
    const hint = didYouMean(name, space.searched);
    find(['search', 'keep', index], `"${name}" is no searched parameter${hint}`, false);
  });
  const least = population * generationsOf(pbt);
  if (search.trials !== undefined && search.trials < least) {
    const why = `${population} members in ${generationsOf(pbt)} intervals`;
    find(
      ['search', 'trials'],
      `must be at least ${least}, ${why}, not ${search.trials}; or leave it out`,
      false,
    );
  }
  if (search.startWith.length > population) {
    const rule = `must have at most ${population} configurations, one for each member`;
    find(['search', 'startWith'], `${rule}, not ${search.startWith.length}`);
  }
  findings.push(...checkChangeable(definition, space));
  return findings;
}

/** Something must be left that a copy can have otherwise than the one it is copied from. */
function checkChangeable(definition: SweepDefinition, space: Space): Finding[] {
  if (changeable(definition).length > 0) return [];
  const searched = space.searched.join(', ');
  const message =
    definition.search.pbt?.keep.length === 0
      ? `pbt changes parameters while training goes on, and ${searched} can't change then; try asha with another sampler`
      : `pbt changes parameters while training goes on, and of ${searched} all are kept or can't change then`;
  return [{ path: ['search', 'sampler'], message }];
}
