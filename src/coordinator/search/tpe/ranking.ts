import { type LimitCheck, paretoFront } from '../../../sweep/objective.js';
import type { Parameters } from '../../../sweep/parameter.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import { FailureClass, TrialState, type Metrics, type Trial } from '../../../sweep/trial.js';
import type { TrialHistory } from '../sampler.js';

/** What is known of the configurations of a history. */
export interface Ranking {
  /** Those with a result, best first. */
  readonly ranked: readonly Parameters[];
  /** Those without: nobody knows yet. */
  readonly pending: readonly Parameters[];
}

/** What became of a configuration, best first. Completed and feasible ones are compared by their objectives. */
const Outcome = { Completed: 0, Pruned: 1, Infeasible: 2, Failed: 3 } as const;
type Outcome = (typeof Outcome)[keyof typeof Outcome];

interface Configuration {
  readonly parameters: Parameters;
  /** Completed replicates. */
  readonly completed: Trial[];
  /** The pruned replicate that went furthest. */
  pruned: Trial | undefined;
  failed: boolean;
  pending: boolean;
}

interface Ranked {
  readonly parameters: Parameters;
  readonly outcome: Outcome;
  /** Compared first to last, smaller is better; with several objectives only their number counts. */
  readonly costs: readonly number[];
}

/** These failures say nothing of the configuration. */
const innocent: ReadonlySet<FailureClass> = new Set([FailureClass.Lost, FailureClass.Setup]);

/**
 * Ranks the configurations of a history. Replicates count by their mean. Feasible results come first, by their
 * objective or, where there are several, by fronts of non-domination and within a front by crowding distance (as in
 * NSGA-II, Deb et al. 2002); then pruned ones, those that went further first; then infeasible ones, fewer broken
 * limits first; then failed ones, except where a lost worker or a missing installation was to blame. Cancelled trials
 * tell nothing.
 */
export function rank(
  history: TrialHistory,
  objectives: Readonly<Record<string, Direction>>,
  limits: LimitCheck,
): Ranking {
  const ranked: Ranked[] = [];
  const pending: Parameters[] = [];
  for (const configuration of configurationsOf(history)) {
    const result = judge(configuration, objectives, limits);
    if (result) ranked.push(result);
    else if (configuration.pending) pending.push(configuration.parameters);
  }
  return { ranked: sort(ranked, Object.keys(objectives).length).map(({ parameters }) => parameters), pending };
}

function configurationsOf({ trials }: TrialHistory): Configuration[] {
  const byNumber: (Configuration | undefined)[] = [];
  for (const trial of trials) {
    const configuration = (byNumber[trial.configuration] ??= {
      parameters: trial.parameters,
      completed: [],
      pruned: undefined,
      failed: false,
      pending: false,
    });
    switch (trial.state) {
      case TrialState.Completed:
        configuration.completed.push(trial);
        break;
      case TrialState.Pruned:
        if ((trial.lastStep ?? 0) >= (configuration.pruned?.lastStep ?? 0)) configuration.pruned = trial;
        break;
      case TrialState.Failed:
        if (!trial.failure || !innocent.has(trial.failure.class)) configuration.failed = true;
        break;
      case TrialState.Queued:
      case TrialState.Running:
      case TrialState.Paused:
        configuration.pending = true;
        break;
      case TrialState.Cancelled:
        break;
    }
  }
  return byNumber.filter((configuration) => configuration !== undefined);
}

/** Undefined where there is no result yet. */
function judge(
  { parameters, completed, pruned, failed }: Configuration,
  objectives: Readonly<Record<string, Direction>>,
  limits: LimitCheck,
): Ranked | undefined {
  if (completed.length > 0) {
    const metrics = meanMetrics(completed);
    const costs = costsOf(metrics, objectives);
    if (!costs.every(Number.isFinite)) return { parameters, outcome: Outcome.Failed, costs: [0] };
    const broken = limits(parameters, metrics).length;
    if (broken > 0) return { parameters, outcome: Outcome.Infeasible, costs: [broken, ...costs] };
    return { parameters, outcome: Outcome.Completed, costs };
  }
  if (pruned) {
    const costs = costsOf(pruned.metrics, objectives).map((cost) => (Number.isFinite(cost) ? cost : Infinity));
    return { parameters, outcome: Outcome.Pruned, costs: [-(pruned.lastStep ?? 0), ...costs] };
  }
  return failed ? { parameters, outcome: Outcome.Failed, costs: [0] } : undefined;
}

function meanMetrics(trials: readonly Trial[]): Metrics {
  const [first] = trials;
  if (first && trials.length === 1) return first.metrics;
  const names = new Set(trials.flatMap(({ metrics }) => Object.keys(metrics)));
  const means: Record<string, number> = {};
  for (const name of names) {
    const values = trials.map(({ metrics }) => metrics[name]).filter((value) => value !== undefined);
    means[name] = values.reduce((sum, value) => sum + value, 0) / values.length;
  }
  return means;
}

function costsOf(metrics: Metrics, objectives: Readonly<Record<string, Direction>>): number[] {
  return Object.entries(objectives).map(([name, direction]) => {
    const value = metrics[name] ?? NaN;
    return direction === Direction.Minimize ? value : -value;
  });
}

function sort(ranked: readonly Ranked[], objectives: number): Ranked[] {
  const of = (outcome: Outcome): Ranked[] => ranked.filter((entry) => entry.outcome === outcome);
  const completed = of(Outcome.Completed);
  return [
    ...(objectives > 1 ? byFronts(completed) : completed.sort(byCosts)),
    ...[Outcome.Pruned, Outcome.Infeasible, Outcome.Failed].flatMap((outcome) => of(outcome).sort(byCosts)),
  ];
}

/** Equal costs stay in the order of their numbers. */
function byCosts(a: Ranked, b: Ranked): number {
  for (let i = 0; i < a.costs.length; i++) {
    const difference = (a.costs[i] ?? 0) - (b.costs[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function byFronts(ranked: readonly Ranked[]): Ranked[] {
  const sorted: Ranked[] = [];
  let rest = [...ranked];
  while (rest.length > 0) {
    const directions = (rest[0]?.costs ?? []).map(() => Direction.Minimize);
    const indices = paretoFront(
      rest.map(({ costs }) => costs),
      directions,
    );
    const onFront = new Set(indices);
    const front = indices.map((index) => rest[index]).filter((entry) => entry !== undefined);
    sorted.push(...leastCrowdedFirst(front));
    rest = rest.filter((_, index) => !onFront.has(index));
  }
  return sorted;
}

/** The ends of the front first, then those whose neighbours on it are far away. */
function leastCrowdedFirst(front: readonly Ranked[]): Ranked[] {
  const distance = new Map(front.map((entry) => [entry, 0]));
  const objectives = front[0]?.costs.length ?? 0;
  for (let axis = 0; axis < objectives; axis++) {
    const at = (entry: Ranked | undefined): number => entry?.costs[axis] ?? 0;
    const sorted = [...front].sort((a, b) => at(a) - at(b));
    const range = at(sorted.at(-1)) - at(sorted[0]) || 1;
    sorted.forEach((entry, i) => {
      const atEnd = i === 0 || i === sorted.length - 1;
      const gap = atEnd ? Infinity : (at(sorted[i + 1]) - at(sorted[i - 1])) / range;
      distance.set(entry, (distance.get(entry) ?? 0) + gap);
    });
  }
  return [...front].sort((a, b) => {
    const [x, y] = [distance.get(a) ?? 0, distance.get(b) ?? 0];
    return x === y ? 0 : y - x;
  });
}
