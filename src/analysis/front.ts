import { compareValues } from '../sweep/objective.js';
import { hypervolume, kneePoint, ParetoSet, type Point } from '../sweep/pareto.js';
import { Direction, type SweepDefinition } from '../sweep/sweep-definition.js';
import { compileLimits } from '../sweep/limits.js';
import { TrialState, type Trial } from '../sweep/trial.js';
import { rankSweep, type RankedConfiguration } from './ranking.js';

/** How much of the objectives' space is covered after a trial. */
export interface Covered {
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Share of the box between the worst and the best value of each objective, 0 to 1. */
  readonly share: number;
}

export interface Front {
  readonly objectives: Readonly<Record<string, Direction>>;
  /** Feasible configurations that no other one beats in every objective (means), best by the first one first. */
  readonly rows: readonly RankedConfiguration[];
  /** The configuration on the front that gives most for what it costs; absent for one objective or no front. */
  readonly knee?: number;
  /** Whenever it changed, in the order in which trials ended. Empty for one objective. */
  readonly covered: readonly Covered[];
}

/** The trade-offs of a sweep. Objectives are all of the definition's, or those named. */
export function frontOf(
  definition: SweepDefinition,
  trials: readonly Trial[],
  names: readonly string[] = Object.keys(definition.objectives),
): Front {
  const objectives = Object.fromEntries(
    names.map((name) => [name, definition.objectives[name] ?? Direction.Maximize]),
  );
  const narrowed = { ...definition, objectives };
  const rows = rankSweep(narrowed, trials, names[0]).rows.filter(({ pareto }) => pareto);
  const directions = Object.values(objectives);
  const points = rows.map(({ metrics }) => names.map((name) => metrics[name]?.mean));
  const [first = Direction.Maximize] = directions;
  const sorted = [...rows].sort((a, b) =>
    compareValues(a.metrics[names[0] ?? '']?.mean, b.metrics[names[0] ?? '']?.mean, first),
  );
  const knee = names.length > 1 ? kneePoint(points, directions) : undefined;
  return {
    objectives,
    rows: sorted,
    ...(knee === undefined ? {} : { knee: rows[knee]?.configuration ?? 0 }),
    covered: names.length > 1 ? coverage(narrowed, trials) : [],
  };
}

/**
 * Hypervolume after each trial that changed it, as a share of the box that all feasible results span. Results are the
 * means of configurations as they stood then: it may fall where another replicate shows that one was lucky.
 */
function coverage(definition: SweepDefinition, trials: readonly Trial[]): Covered[] {
  const directions = Object.values(definition.objectives);
  const stood = asTheyStood(definition, trials);
  const scaled = scaling(stood.flatMap(({ point }) => (point ? [point] : [])));
  const reference = directions.map((direction) => (direction === Direction.Maximize ? 0 : 1));
  const places = new Map<number, Point>();
  let front = new ParetoSet<Point>(directions);
  const covered: Covered[] = [];
  for (const { trial, point } of stood) {
    const before = places.get(trial.configuration);
    if (point) places.set(trial.configuration, scaled(point));
    else places.delete(trial.configuration);
    const wasOnFront = before !== undefined && front.items.includes(before);
    if (wasOnFront) {
      front = new ParetoSet(directions);
      for (const place of places.values()) front.add(place, place);
    } else {
      const place = places.get(trial.configuration);
      if (!place || !front.add(place, place)) continue;
    }
    const share = hypervolume(front.items, directions, reference);
    if (share !== (covered.at(-1)?.share ?? -1))
      covered.push({ number: trial.number, at: trial.finishedAt ?? trial.createdAt, share });
  }
  return covered;
}

/** After each completed trial: the means of its configuration so far; undefined where they lack one or break a limit. */
function asTheyStood(
  definition: SweepDefinition,
  trials: readonly Trial[],
): { readonly trial: Trial; readonly point: number[] | undefined }[] {
  const limits = compileLimits(definition);
  const names = Object.keys(definition.objectives);
  const sums = new Map<number, Map<string, { sum: number; count: number }>>();
  return trials
    .filter(({ state }) => state === TrialState.Completed)
    .sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0) || a.number - b.number)
    .map((trial) => {
      const own = sums.get(trial.configuration) ?? new Map<string, { sum: number; count: number }>();
      sums.set(trial.configuration, own);
      for (const [name, value] of Object.entries(trial.metrics)) {
        const { sum, count } = own.get(name) ?? { sum: 0, count: 0 };
        own.set(name, { sum: sum + value, count: count + 1 });
      }
      // Rounded as in `summarise`: equal replicates change nothing.
      const means = Object.fromEntries(
        [...own].map(([name, { sum, count }]) => [name, Number((sum / count).toPrecision(15))]),
      );
      const point = names.map((name) => means[name] ?? NaN);
      const counts = limits(trial.parameters, means).length === 0 && point.every(Number.isFinite);
      return { trial, point: counts ? point : undefined };
    });
}

/** Each axis from 0 to 1. */
function scaling(points: readonly Point[]): (point: Point) => number[] {
  const axes = (points[0] ?? []).map((_, axis) => {
    const values = points.map((point) => point[axis] ?? 0);
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    return { low, width: values.reduce((a, b) => Math.max(a, b), -Infinity) - low || 1 };
  });
  return (point) => axes.map(({ low, width }, axis) => ((point[axis] ?? 0) - low) / width);
}

/**
 * The rows of a front by one number, best first: the largest weighted distance from the best of each objective, scaled
 * to what the front spans (augmented Chebyshev scalarisation, R. Steuer and E. Choo 1983).
 */
export function scalarised(
  { rows, objectives }: Pick<Front, 'rows' | 'objectives'>,
  weights: Readonly<Record<string, number>>,
): { readonly row: RankedConfiguration; readonly score: number }[] {
  const names = Object.keys(objectives);
  const points = rows.map(({ metrics }) => names.map((name) => metrics[name]?.mean));
  const scaled = scaling(points);
  return rows
    .map((row, index) => {
      const costs = scaled(points[index] ?? []).map((value, axis) => {
        const name = names[axis] ?? '';
        return (weights[name] ?? 0) * (objectives[name] === Direction.Maximize ? 1 - value : value);
      });
      return { row, score: Math.max(...costs) + 0.05 * costs.reduce((sum, cost) => sum + cost, 0) };
    })
    .sort((a, b) => a.score - b.score);
}
