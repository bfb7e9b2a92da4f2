import { compileLimits } from '../../../sweep/limits.js';
import { compareValues } from '../../../sweep/objective.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { TrialState, type Trial } from '../../../sweep/trial.js';
import type { Point } from './metric-series.js';

/** How the best value of the primary objective came about. */
export interface BestHistory {
  /** Completed trials in the order in which they finished: x is 1, 2, 3, ... */
  readonly points: readonly Point[];
  /** Each improvement, and the last x again: the value holds until the next. Feasible trials alone improve. */
  readonly steps: readonly { readonly x: number; readonly y: number }[];
}

export function bestSoFar(definition: SweepDefinition, trials: Iterable<Trial>): BestHistory {
  const [primary] = Object.entries(definition.objectives);
  if (!primary) return { points: [], steps: [] };
  const [metric, direction] = primary;
  const broken = compileLimits(definition);
  const finished = [...trials]
    .filter(({ state, metrics }) => state === TrialState.Completed && metrics[metric] !== undefined)
    .sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0) || a.number - b.number);
  const points: Point[] = [];
  const steps: { x: number; y: number }[] = [];
  for (const [index, { number, parameters, metrics }] of finished.entries()) {
    const x = index + 1;
    const y = metrics[metric] ?? NaN;
    points.push({ x, y, trial: number });
    const improves = compareValues(y, steps.at(-1)?.y, direction) < 0;
    if (improves && broken(parameters, metrics).length === 0) steps.push({ x, y });
  }
  const last = steps.at(-1);
  if (last && last.x < points.length) steps.push({ x: points.length, y: last.y });
  return { points, steps };
}
