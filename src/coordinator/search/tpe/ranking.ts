import { countsAsFailed } from '../../../sweep/blame.js';
import type { LimitCheck } from '../../../sweep/objective.js';
import type { Parameters } from '../../../sweep/parameter.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import { TrialState, type Metrics, type Trial } from '../../../sweep/trial.js';
import { byFronts } from '../fronts.js';
import type { TrialHistory } from '../sampler.js';

/** What is known of the configurations of a history, each as a `T`. */
export interface Ranking<T> {
  /** Those with a result, best first. */
  readonly ranked: readonly T[];
  /** The same of a part of them: with several objectives, its best may lie far behind the others' fronts. */
  readonly rankedAmong: (isPart: (view: T) => boolean) => readonly T[];
  /** Those that failed, or gave no usable value. */
  readonly failed: readonly T[];
  /** Those without a result: nobody knows yet. */
  readonly pending: readonly T[];
}

/** What became of a configuration. */
type Outcome = 'completed' | 'pruned' | 'infeasible' | 'failed';

interface Ranked<T> {
  readonly configuration: number;
  readonly parameters: Parameters;
  readonly view: T;
  /** The only trial's, where there is one: they are another object when they change. */
  readonly metrics: Metrics | undefined;
  readonly outcome: Outcome;
  /** Smaller is better; the first that differs decides, but for completed ones with several objectives. */
  readonly costs: readonly number[];
  /** Where it came in the last ranking. Only saves time. */
  place: number;
}

/**
 * Ranks the configurations of a history. Replicates count by their mean. Feasible results come first, by their
 * objective or, where there are several, by fronts of non-domination; then pruned and paused ones, as far as what they
 * reported breaks no limit; then infeasible ones, fewer broken limits first. What `countsAsFailed` is told apart; a lost
 * worker or a missing installation tells nothing, and neither does a cancelled trial.
 *
 * Values of different steps are never compared: of two pruned ones the one that went further is better, for it was
 * better than what was stopped before it; only those stopped at one step are told apart by what they reported there. So
 * the good ones come from the highest rungs that have enough of them, as in BOHB (Falkner et al. 2018).
 */
export class Ranker<T> {
  private readonly goals: Goals;
  /** By configuration: the last result of a single trial. Only saves time. */
  private readonly known: (Ranked<T> | undefined)[] = [];

  constructor(
    objectives: Readonly<Record<string, Direction>>,
    private readonly limits: LimitCheck,
    /** With several objectives only so many are in order: the fronts behind them cost time and decide nothing. */
    private readonly top: number,
    private readonly viewOf: (parameters: Parameters) => T,
  ) {
    this.goals = Object.entries(objectives);
  }

  rank({ trials }: TrialHistory): Ranking<T> {
    const results: Record<Outcome, Ranked<T>[]> = { completed: [], pruned: [], infeasible: [], failed: [] };
    const pending: T[] = [];
    for (const entry of byConfiguration(trials)) {
      const result = Array.isArray(entry) ? this.judge(entry) : this.judgeSingle(entry);
      if (result) results[result.outcome].push(result);
      else if (Array.isArray(entry) ? entry.some(isPending) : isPending(entry)) {
        pending.push(this.viewOf((Array.isArray(entry) ? (entry[0] as Trial) : entry).parameters));
      }
    }
    const { completed, pruned, infeasible, failed } = results;
    const isSorted = this.goals.length === 1;
    const sorted = isSorted ? sortedAgain(completed) : completed;
    const behind = [...pruned.sort(byCosts), ...infeasible.sort(byCosts)];
    const inOrder = (part: readonly Ranked<T>[], rest: readonly Ranked<T>[]): T[] =>
      [...(isSorted ? part : byFronts(part, this.top)), ...rest].map(({ view }) => view);
    return {
      ranked: inOrder(sorted, behind),
      rankedAmong: (isPart) =>
        inOrder(
          sorted.filter(({ view }) => isPart(view)),
          behind.filter(({ view }) => isPart(view)),
        ),
      failed: failed.map(({ view }) => view),
      pending,
    };
  }

  private judgeSingle(trial: Trial): Ranked<T> | undefined {
    if (trial.state !== TrialState.Completed) return this.judge([trial]);
    const known = this.known[trial.configuration];
    if (known?.metrics === trial.metrics && known.parameters === trial.parameters) return known;
    const result = this.judge([trial]);
    this.known[trial.configuration] = result;
    return result;
  }

  /** What the replicates of a configuration came to; undefined where there is no result yet. */
  private judge(replicates: readonly Trial[]): Ranked<T> | undefined {
    const { configuration, parameters, metrics: own } = replicates[0] as Trial;
    const ranked = (outcome: Outcome, costs: readonly number[]): Ranked<T> => ({
      configuration,
      parameters,
      view: this.viewOf(parameters),
      metrics: replicates.length === 1 ? own : undefined,
      outcome,
      costs,
      place: -1,
    });
    if (countsAsFailed(replicates)) return ranked('failed', []);
    const completed = replicates.filter(({ state }) => state === TrialState.Completed);
    if (completed.length > 0) {
      const metrics = meanMetrics(completed);
      const costs = costsOf(metrics, this.goals);
      if (!costs.every(Number.isFinite)) return ranked('failed', []);
      const broken = this.limits(parameters, metrics).length;
      if (broken > 0) return ranked('infeasible', [broken, -Number.MAX_VALUE, ...costs]);
      return ranked('completed', costs);
    }
    const stopped = replicates.filter(
      ({ state, lastStep }) =>
        state === TrialState.Pruned || (state === TrialState.Paused && lastStep !== undefined),
    );
    if (stopped.length === 0) return undefined;
    const furthest = stopped.reduce((a, b) => ((b.lastStep ?? 0) > (a.lastStep ?? 0) ? b : a));
    const values = costsOf(furthest.metrics, this.goals).map((cost) =>
      Number.isNaN(cost) ? Number.MAX_VALUE : cost,
    );
    const costs = [-(furthest.lastStep ?? 0), ...values];
    const broken = this.limits(parameters, furthest.metrics, true).length;
    return broken > 0 ? ranked('infeasible', [broken, ...costs]) : ranked('pruned', costs);
  }
}

type Goals = readonly (readonly [metric: string, direction: Direction])[];

function isPending({ state }: Trial): boolean {
  return state === TrialState.Queued || state === TrialState.Running || state === TrialState.Paused;
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
function byCosts(a: Ranked<unknown>, b: Ranked<unknown>): number {
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
function sortedAgain<T>(ranked: readonly Ranked<T>[]): Ranked<T>[] {
  const places: (Ranked<T> | undefined)[] = new Array<undefined>(ranked.length);
  const others: Ranked<T>[] = [];
  for (const entry of ranked) {
    if (entry.place >= 0 && entry.place < places.length && places[entry.place] === undefined) {
      places[entry.place] = entry;
    } else others.push(entry);
  }
  const sorted = [...places.filter((entry) => entry !== undefined), ...others].sort(byCosts);
  sorted.forEach((entry, place) => (entry.place = place));
  return sorted;
}
