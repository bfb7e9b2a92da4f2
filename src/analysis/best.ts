import type { Summary } from '../sweep/objective.js';
import { createRandom } from '../sweep/random.js';
import { Direction } from '../sweep/sweep-definition.js';
import { PosteriorModel, type Posterior } from './posterior.js';

/** A configuration's prospects among the others, in one metric. */
export interface Prospect {
  readonly posterior: Posterior;
  /** Standard deviation of one value around the configuration's true one. */
  readonly noise: number;
  /** That no other one's true value is better; equals share it. All together 1. */
  readonly probabilityBest: number;
  /** That its true value is better than that of the one with the best posterior mean; 0.5 for that one itself. */
  readonly probabilityBetter: number;
}

export interface Prospects {
  /** In the order of what was asked. */
  readonly each: readonly Prospect[];
  /** The one with the best posterior mean. */
  readonly leader: number;
  /** The fewest that hold the best with `certainty` together: most probable first. One alone: it is told apart. */
  readonly leaders: readonly number[];
}

/** What counts as certain. */
export const certainty = 0.95;
/** Draws of all true values that the probabilities are counted in: their standard error is at most 0.008. */
export const draws = 4096;
/** Standard deviations behind the leader beyond which a configuration has no chance. */
const hopeless = 6;
/** Those drawn for, at most: the most promising. */
const mostDrawn = 400;

/**
 * How good each configuration is and how probably the best, from the summaries of its replicates. Those for which
 * `isEligible` says no count for what is known of noise and scatter, but are never the best. A fixed seed: the same
 * results give the same answer. Undefined where no configuration has two replicates. O(n log n).
 * @param count draws that probabilities are counted in
 */
export function prospects(
  summaries: readonly Summary[],
  direction: Direction,
  isEligible: (index: number) => boolean = () => true,
  count = draws,
): Prospects | undefined {
  const model = PosteriorModel.of(summaries);
  if (!model) return undefined;
  const sign = direction === Direction.Maximize ? 1 : -1;
  const { posteriors } = model;
  const order = posteriors
    .map(({ mean }, index) => ({ mean, index }))
    .filter(({ index }) => isEligible(index))
    .sort((a, b) => sign * (b.mean - a.mean) || a.index - b.index)
    .map(({ index }) => index);
  const leader = order[0] ?? 0;
  const contenders = order.filter((index) => mayBeBest(posteriors, index, leader, sign)).slice(0, mostDrawn);
  const chances = chancesOf(model, contenders, sign, count);
  const each = posteriors.map((posterior, index): Prospect => {
    const { best = 0, better = 0 } = chances.get(index) ?? {};
    return { posterior, noise: model.noiseOf(index), probabilityBest: best, probabilityBetter: better };
  });
  return { each, leader, leaders: leadersOf(contenders, each) };
}

function mayBeBest(posteriors: readonly Posterior[], index: number, leader: number, sign: number): boolean {
  const [one, best] = [posteriors[index], posteriors[leader]];
  if (!one || !best) return false;
  return sign * (best.mean - one.mean) <= hopeless * Math.hypot(one.deviation, best.deviation);
}

function chancesOf(
  model: PosteriorModel,
  contenders: readonly number[],
  sign: number,
  count: number,
): Map<number, { best: number; better: number }> {
  const draw = model.drawing(contenders, createRandom(contenders.length));
  const values = new Float64Array(contenders.length);
  const best = new Float64Array(contenders.length);
  const better = new Float64Array(contenders.length);
  for (let i = 0; i < count; i++) {
    draw(values);
    let highest = -Infinity;
    for (let j = 0; j < values.length; j++) highest = Math.max(highest, sign * (values[j] ?? NaN));
    const first = sign * (values[0] ?? NaN);
    let winners = 0;
    for (const value of values) if (sign * value === highest) winners++;
    for (let j = 0; j < values.length; j++) {
      const value = sign * (values[j] ?? NaN);
      if (value === highest) best[j] = (best[j] ?? 0) + 1 / (winners * count);
      better[j] = (better[j] ?? 0) + (value > first ? 1 : value === first ? 0.5 : 0) / count;
    }
  }
  return new Map(contenders.map((index, j) => [index, { best: best[j] ?? 0, better: better[j] ?? 0 }]));
}

function leadersOf(contenders: readonly number[], each: readonly Prospect[]): number[] {
  const chance = (index: number): number => each[index]?.probabilityBest ?? 0;
  const sorted = [...contenders].sort((a, b) => chance(b) - chance(a));
  const leaders: number[] = [];
  let sum = 0;
  for (const index of sorted) {
    leaders.push(index);
    sum += chance(index);
    if (sum >= certainty) break;
  }
  return leaders;
}
