import type { LimitCheck } from '../../../sweep/objective.js';
import type { Direction } from '../../../sweep/sweep-definition.js';
import { isTerminal, TrialState, type Trial } from '../../../sweep/trial.js';
import { judge, type Judged } from '../gp/observations.js';
import type { GenerationOutcome } from './origin.js';

/** How a generation stands. */
export interface Standing {
  /** How many of its places are taken, at most `population` of which count. */
  readonly drawn: number;
  /** What it came to; undefined until its places have ended. */
  readonly outcome: GenerationOutcome | undefined;
}

/**
 * How a generation stands, given the replicates of each of its configurations in the order in which they were drawn. It
 * is over when the first `population` have ended. One that was paused has ended, too: it may go on long after, or never.
 * One that was lost or cancelled has no place: another is drawn for it. Feasible ones come first: completed ones by cost,
 * then those that were stopped, later before earlier and at one step by cost, for values of different steps are not to be
 * compared; then those that break limits, fewer first; then those that failed.
 */
export function standingOf(
  generation: readonly (readonly Trial[])[],
  population: number,
  objectives: Readonly<Record<string, Direction>>,
  limits: LimitCheck,
): Standing {
  const places: (Judged | undefined)[] = [];
  for (const replicates of generation) {
    const isUnderWay = replicates.some(
      ({ state }) => state === TrialState.Queued || state === TrialState.Running,
    );
    const judged = isUnderWay ? undefined : judge(replicates, objectives, limits);
    if (judged || replicates.some(({ state }) => !isTerminal(state))) places.push(judged);
  }
  const counted = places.slice(0, population).filter((judged) => judged !== undefined);
  if (counted.length < population) return { drawn: places.length, outcome: undefined };
  const sorted = counted.sort(byWorth);
  const order = sorted.map(({ configuration }) => configuration);
  const [first] = sorted;
  const best = first?.feasible ? first.costs?.[0] : undefined;
  return { drawn: places.length, outcome: { order, ...(best !== undefined && { best }) } };
}

/** Equal ones stay in the order in which they were drawn. */
function byWorth(a: Judged, b: Judged): number {
  return (
    compare(a.broken ?? Infinity, b.broken ?? Infinity) ||
    compare(b.step, a.step) ||
    compare(costOf(a), costOf(b))
  );
}

function costOf({ costs }: Judged): number {
  return costs?.[0] ?? Infinity;
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
