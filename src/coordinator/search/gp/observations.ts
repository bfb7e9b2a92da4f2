import type { LimitCheck } from '../../../sweep/objective.js';
import type { Parameters } from '../../../sweep/parameter.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import { FailureClass, isTerminal, TrialState, type Metrics, type Trial } from '../../../sweep/trial.js';
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
  /** Whether it trained and holds the limits. */
  readonly feasible: boolean;
}

export interface Observations {
  /** By ascending number. */
  readonly known: readonly Observation[];
  /** Configurations without a result so far. */
  readonly pending: readonly Parameters[];
}

/** These failures say nothing of the configuration. */
const innocent: ReadonlySet<FailureClass> = new Set([FailureClass.Lost, FailureClass.Setup]);
/** Beyond it, differences and squares are no numbers any more. */
const largest = 1e100;

/** A judged configuration before costs of different steps were made comparable. */
interface Judged extends Observation {
  /** To which it was trained; Infinity: to its end. */
  readonly step: number;
}

/**
 * O(n log n) in the number of trials. Replicates count together. Pruned and paused trials have a place among the others,
 * but not the value that they last reported: `atOneFidelity`.
 */
export function observe(
  history: TrialHistory,
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
    const observation = judge(trials, first, objectives, limits);
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

function judge(
  trials: readonly Trial[],
  { configuration, parameters, origin }: Trial,
  objectives: Readonly<Record<string, Direction>>,
  limits: LimitCheck,
): Judged | undefined {
  const base = { configuration, parameters, origin, step: Infinity };
  const completed = trials.filter(({ state }) => state === TrialState.Completed);
  const counted = completed.length > 0 ? completed : furthest(trials);
  if (counted.length > 0) {
    const step = completed.length > 0 ? Infinity : (counted[0]?.lastStep ?? 0);
    const metrics = means(counted);
    const costs = Object.entries(objectives).map(([name, direction]) => {
      const value = Math.min(largest, Math.max(-largest, metrics[name] ?? NaN));
      return direction === Direction.Minimize ? value : -value;
    });
    if (costs.some(Number.isNaN)) return { ...base, count: 0, feasible: false };
    return {
      ...base,
      step,
      costs,
      count: counted.length,
      feasible: limits(parameters, metrics).length === 0,
    };
  }
  const failed = trials.some(
    ({ state, failure }) => state === TrialState.Failed && (!failure || !innocent.has(failure.class)),
  );
  return failed ? { ...base, count: 0, feasible: false } : undefined;
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
