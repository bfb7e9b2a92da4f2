import type { LimitCheck } from '../../../sweep/objective.js';
import type { Parameters } from '../../../sweep/parameter.js';
import { paretoFront } from '../../../sweep/pareto.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import { FailureClass, TrialState, type Metrics, type Trial } from '../../../sweep/trial.js';
import type { TrialHistory } from '../sampler.js';

/** What is known of the configurations of a history. */
export interface Ranking {
  /** Those with a result, best first. */
  readonly ranked: readonly Parameters[];
  /** Those that failed, or gave no usable value. */
  readonly failed: readonly Parameters[];
  /** Those without a result: nobody knows yet. */
  readonly pending: readonly Parameters[];
}

/** What became of a configuration. */
type Outcome = 'completed' | 'pruned' | 'infeasible' | 'failed';

interface Ranked {
  readonly configuration: number;
  readonly parameters: Parameters;
  readonly outcome: Outcome;
  /** Smaller is better; the first that differs decides, but for completed ones with several objectives. */
  readonly costs: readonly number[];
  /** Where it came in the last ranking. Only saves time. */
  place: number;
}

/** These failures say nothing of the configuration. */
const innocent: ReadonlySet<FailureClass> = new Set([FailureClass.Lost, FailureClass.Setup]);

/**
 * Ranks the configurations of a history. Replicates count by their mean. Feasible results come first, by their
 * objective or, where there are several, by fronts of non-domination and within a front by crowding distance (as in
 * NSGA-II, Deb et al. 2002); then pruned ones, those that went further first; then infeasible ones, fewer broken
 * limits first. Failures are told apart, except where a lost worker or a missing installation was to blame: these
 * tell nothing, and neither do cancelled trials.
 *
 * With several objectives only the first `top` are in order: the fronts behind them cost time and decide nothing.
 */
export class Ranker {
  private readonly goals: Goals;
  /** Results of single trials by what they reported, which never changes. Only saves time. */
  private readonly known = new WeakMap<Metrics, Ranked>();

  constructor(
    objectives: Readonly<Record<string, Direction>>,
    private readonly limits: LimitCheck,
    private readonly top: number,
  ) {
    this.goals = Object.entries(objectives);
  }

  rank({ trials }: TrialHistory): Ranking {
    const results: Record<Outcome, Ranked[]> = { completed: [], pruned: [], infeasible: [], failed: [] };
    const pending: Parameters[] = [];
    for (const entry of byConfiguration(trials)) {
      const result = Array.isArray(entry) ? this.judge(entry) : this.judgeSingle(entry);
      if (result) results[result.outcome].push(result);
      else if (Array.isArray(entry) ? entry.some(isPending) : isPending(entry)) {
        pending.push(Array.isArray(entry) ? (entry[0] as Trial).parameters : entry.parameters);
      }
    }
    const { completed, pruned, infeasible, failed } = results;
    const ranked = [
      ...(this.goals.length > 1 ? byFronts(completed, this.top) : sortedAgain(completed)),
      ...pruned.sort(byCosts),
      ...infeasible.sort(byCosts),
    ];
    return { ranked: ranked.map(parametersOf), failed: failed.map(parametersOf), pending };
  }

  private judgeSingle(trial: Trial): Ranked | undefined {
    if (trial.state !== TrialState.Completed) return this.judge([trial]);
    const known = this.known.get(trial.metrics);
    if (known?.parameters === trial.parameters) return known;
    const result = this.judge([trial]);
    if (result) this.known.set(trial.metrics, result);
    return result;
  }

  /** What the replicates of a configuration came to; undefined where there is no result yet. */
  private judge(replicates: readonly Trial[]): Ranked | undefined {
    const { configuration, parameters } = replicates[0] as Trial;
    const ranked = (outcome: Outcome, costs: readonly number[]): Ranked => ({
      configuration,
      parameters,
      outcome,
      costs,
      place: -1,
    });
    const completed = replicates.filter(({ state }) => state === TrialState.Completed);
    if (completed.length > 0) {
      const metrics = meanMetrics(completed);
      const costs = costsOf(metrics, this.goals);
      if (!costs.every(Number.isFinite)) return ranked('failed', []);
      const broken = this.limits(parameters, metrics).length;
      if (broken > 0) return ranked('infeasible', [broken, ...costs]);
      return ranked('completed', costs);
    }
    const pruned = replicates.filter(({ state }) => state === TrialState.Pruned);
    if (pruned.length > 0) {
      const furthest = pruned.reduce((a, b) => ((b.lastStep ?? 0) > (a.lastStep ?? 0) ? b : a));
      const costs = costsOf(furthest.metrics, this.goals).map((cost) =>
        Number.isNaN(cost) ? Infinity : cost,
      );
      return ranked('pruned', [-(furthest.lastStep ?? 0), ...costs]);
    }
    return replicates.some(isToBlame) ? ranked('failed', []) : undefined;
  }
}

type Goals = readonly (readonly [metric: string, direction: Direction])[];

const parametersOf = ({ parameters }: Ranked): Parameters => parameters;

function isPending({ state }: Trial): boolean {
  return state === TrialState.Queued || state === TrialState.Running || state === TrialState.Paused;
}

function isToBlame({ state, failure }: Trial): boolean {
  return state === TrialState.Failed && !(failure && innocent.has(failure.class));
}

/** By configuration: its only trial, or its replicates. */
function byConfiguration(trials: readonly Trial[]): (Trial | Trial[])[] {
  const entries: (Trial | Trial[] | undefined)[] = [];
  for (const trial of trials) {
    const entry = entries[trial.configuration];
    if (entry === undefined) entries[trial.configuration] = trial;
    else if (Array.isArray(entry)) entry.push(trial);
    else entries[trial.configuration] = [entry, trial];
  }
  return entries.filter((entry) => entry !== undefined);
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

function costsOf(metrics: Metrics, goals: Goals): number[] {
  return goals.map(([name, direction]) => {
    const value = metrics[name] ?? NaN;
    return direction === Direction.Minimize ? value : -value;
  });
}

/** Equal costs stay in the order of their configurations. */
function byCosts(a: Ranked, b: Ranked): number {
  for (let i = 0; i < a.costs.length; i++) {
    const difference = (a.costs[i] as number) - (b.costs[i] as number);
    if (difference !== 0) return difference;
  }
  return a.configuration - b.configuration;
}

/**
 * Sorts what was mostly sorted in the last call: put back in that order, there is little left to do, and the engine's
 * merge sort is quick to see it.
 */
function sortedAgain(ranked: readonly Ranked[]): Ranked[] {
  const places: (Ranked | undefined)[] = new Array<undefined>(ranked.length);
  const others: Ranked[] = [];
  for (const entry of ranked) {
    if (entry.place >= 0 && entry.place < places.length && places[entry.place] === undefined) {
      places[entry.place] = entry;
    } else others.push(entry);
  }
  const sorted = [...places.filter((entry) => entry !== undefined), ...others].sort(byCosts);
  sorted.forEach((entry, place) => (entry.place = place));
  return sorted;
}

function byFronts(ranked: readonly Ranked[], top: number): Ranked[] {
  const sorted: Ranked[] = [];
  let rest = [...ranked];
  while (rest.length > 0 && sorted.length < top) {
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
  return [...sorted, ...rest];
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
