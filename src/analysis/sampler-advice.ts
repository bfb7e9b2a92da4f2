import { quantile, wilcoxonRankSum } from 'simple-statistics';
import { chooseSampler } from '../sweep/samplers.js';
import type { Space } from '../sweep/space.js';
import { Direction, type SweepDefinition } from '../sweep/sweep-definition.js';
import type { Trial } from '../sweep/trial.js';
import { isFeasible, type Ranking } from './ranking.js';

/** Configurations before and after a sampler could learn that say something of it. */
const fewestBefore = 5;
const fewestAfter = 20;
/** Of the distance between the quartiles of what was spread evenly: a smaller gain is not worth a sampler. */
const worthwhile = 0.5;
/** Quantile of the normal distribution at 95%. */
const oneSided = 1.645;

/**
 * Says that a sampler learnt nothing, in a sentence: what it proposed is compared with the evenly spread configurations
 * that it began with, feasible ones alone. Undefined unless the interval of the difference (that of the rank sum test of
 * Wilcoxon, Mann and Whitney, one-sided, 95%) excludes a gain worth having; not to see one proves nothing. Of samplers
 * that do not begin by spreading (`cmaes`), and where trials do not say where they come from, nothing is said.
 */
export function samplerAdvice(
  definition: SweepDefinition,
  space: Space,
  trials: readonly Trial[],
  { rows, by }: Ranking,
): string | undefined {
  const { name } = chooseSampler(definition, space);
  if (['grid', 'random', 'sobol'].includes(name)) return undefined;
  const sources = sourcesOf(trials);
  const sign = definition.objectives[by] === Direction.Maximize ? 1 : -1;
  const valuesOf = (source: Source): number[] =>
    rows.flatMap((row) => {
      const value = row.metrics[by]?.mean;
      return value !== undefined && isFeasible(row) && sources.get(row.configuration) === source
        ? [sign * value]
        : [];
    });
  const [before, after] = [valuesOf('spread'), valuesOf('learnt')];
  if (before.length < fewestBefore || after.length < fewestAfter) return undefined;
  const gain = worthwhile * (quantile(before, 0.75) - quantile(before, 0.25));
  // Less this gain, what was learnt is worse than what was spread: the difference is smaller than the gain.
  const without = after.map((value) => value - gain);
  const sum = wilcoxonRankSum(without, before);
  const expected = (after.length * (after.length + before.length + 1)) / 2;
  const deviation = Math.sqrt((expected * before.length) / 6);
  if ((sum - expected) / deviation > -oneSided) return undefined;
  return `What ${name} proposed is no better than the ${before.length} evenly spread configurations that it began with: random search would have done as well.`;
}

type Source = 'spread' | 'learnt' | 'given';

/** By configuration: who proposed it. The first trial of a configuration says it. */
function sourcesOf(trials: readonly Trial[]): Map<number, Source> {
  const sources = new Map<number, Source>();
  for (const { configuration, replicate, origin } of trials) {
    if (replicate > 0) continue;
    const has = (key: string): boolean => typeof origin === 'object' && origin !== null && key in origin;
    const isGiven = ['startWith', 'warmStart', 'added'].some(has);
    sources.set(configuration, has('sobol') ? 'spread' : isGiven ? 'given' : 'learnt');
  }
  return sources;
}
