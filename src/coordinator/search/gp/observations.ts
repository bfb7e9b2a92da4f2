import { countsAsFailed } from '../../../sweep/blame.js';
import type { LimitCheck } from '../../../sweep/objective.js';
import type { Parameters } from '../../../sweep/parameter.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import { isTerminal, TrialState, type Metrics, type Trial } from '../../../sweep/trial.js';
import type { TrialHistory } from '../sampler.js';
import { atOneFidelity } from './fidelity.js';

/** What became of one configuration. */
export interface Observation {
  readonly configuration: number;
  readonly parameters: Parameters;
  readonly origin: Trial['origin'];
  /** By objective, smaller is better: the mean of its results. Absent where there is none, as for failed trials. */
  readonly costs?: readonly number[];
  /** How many results `costs` is the mean of. */
  readonly count: number;
  /** Whether it trained and holds the limits, as far as what it reported decides them. */
  readonly feasible: boolean;
  /** How many limits its result breaks; absent where it has none. */
  readonly broken?: number;
}

export interface Observations {
  /** By ascending number. */
  readonly known: readonly Observation[];
  /** Configurations without a result so far. */
  readonly pending: readonly Parameters[];
}

/** Beyond it, differences and squares are no numbers any more. */
const largest = 1e100;

/** A judged configuration before costs of different steps were made comparable. */
export interface Judged extends Observation {
  /** To which it was trained; Infinity: to its end. */
  readonly step: number;
}

/**
 * O(n log n) in the number of trials. Replicates count together. Pruned and paused trials have a place among the others,
 * but not the value that they last reported: `atOneFidelity`.
 */
export function observe(
  history: Pick<TrialHistory, 'trials'>,
  objectives: Readonly<Record<string, Direction>>,
  limits: LimitCheck,
): Observations {
  const groups: (Trial[] | undefined)[] = [];
  for (const trial of history.trials) (groups[trial.configuration] ??= []).push(trial);
  const judged: Judged[] = [];
  const pending: Parameters[] = [];
  for (const trials of groups) {
    const [first] = trials ?? [];
    if (!trials || !first) continue;
    const observation = judge(trials, objectives, limits);
    if (observation) judged.push(observation);
    else if (trials.some(({ state }) => !isTerminal(state))) pending.push(first.parameters);
  }
  return { known: comparable(judged), pending };
}

function comparable(judged: readonly Judged[]): Observation[] {
  const reached = judged.flatMap((result) => (result.costs ? [{ ...result, costs: result.costs }] : []));
  const costs = new Map(atOneFidelity(reached).map((found, i) => [reached[i]?.configuration, found]));
  return judged.map((result) => {
    const found = costs.get(result.configuration);
    return found ? { ...result, costs: found } : result;
  });
}

/**
 * What the replicates of one configuration came to; undefined where nothing is known of it. It failed where
 * `countsAsFailed` says so or a value of an objective is missing.
 */
export function judge(
  replicates: readonly Trial[],
  objectives: Readonly<Record<string, Direction>>,
  limits: LimitCheck,
): Judged | undefined {
  const [first] = replicates;
  if (!first) return undefined;
  const { configuration, parameters, origin } = first;
  const base = { configuration, parameters, origin, step: Infinity, count: 0 };
  if (countsAsFailed(replicates)) return { ...base, feasible: false };
  const completed = replicates.filter(({ state }) => state === TrialState.Completed);
  const isUnfinished = completed.length === 0;
  const counted = isUnfinished ? furthest(replicates) : completed;
  if (counted.length === 0) return undefined;
  const step = isUnfinished ? (counted[0]?.lastStep ?? 0) : Infinity;
  const metrics = means(counted);
  const costs = Object.entries(objectives).map(([name, direction]) => {
    const value = Math.min(largest, Math.max(-largest, metrics[name] ?? NaN));
    return direction === Direction.Minimize ? value : -value;
  });
  if (costs.some(Number.isNaN)) return { ...base, feasible: false };
  const broken = limits(parameters, metrics, isUnfinished).length;
  return {
    ...base,
    step,
    costs,
    count: counted.length,
    feasible: broken === 0,
    broken,
  };
}

/** Of what was pruned or paused: those that were trained furthest. */
function furthest(trials: readonly Trial[]): Trial[] {
  const stopped = trials.filter(
    ({ state, lastStep }) =>
      state === TrialState.Pruned || (state === TrialState.Paused && lastStep !== undefined),
  );
  const last = Math.max(...stopped.map(({ lastStep }) => lastStep ?? 0));
  return stopped.filter(({ lastStep }) => (lastStep ?? 0) === last);
}

function means(trials: readonly Trial[]): Metrics {
  const [first] = trials;
  if (first && trials.length === 1) return first.metrics;
  const metrics: Record<string, number> = {};
  for (const name of new Set(trials.flatMap((trial) => Object.keys(trial.metrics)))) {
    const values = trials.map((trial) => trial.metrics[name]).filter((value) => value !== undefined);
    metrics[name] = values.reduce((sum, value) => sum + value, 0) / values.length;
  }
  return metrics;
}
