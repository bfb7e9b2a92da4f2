import type { Parameters } from './parameter.js';
import { Direction } from './sweep-definition.js';
import { TrialState, type Metrics, type Trial } from './trial.js';

/** Negative where `a` is better, 0 where neither is. What is missing or not finite is worse than everything else. */
export function compareValues(a: number | undefined, b: number | undefined, direction: Direction): number {
  const [x, y] = [usable(a), usable(b)];
  if (x === undefined || y === undefined) return x === y ? 0 : x === undefined ? 1 : -1;
  if (x === y) return 0;
  return x < y === (direction === Direction.Minimize) ? -1 : 1;
}

function usable(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** What the replicates of a configuration gave for one metric. */
export interface Summary {
  /** How many values. */
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1); absent for a single value. */
  readonly spread?: number;
}

/**
 * Undefined for no values. Welford's method, so that large values with small differences keep their digits. The mean is
 * rounded to 15 digits: what is equal but for the errors of addition is a tie.
 */
export function summarise(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined;
  let mean = 0;
  let squares = 0;
  values.forEach((value, index) => {
    const difference = value - mean;
    mean += difference / (index + 1);
    squares += difference * (value - mean);
  });
  const n = values.length;
  if (n === 1) return { n, mean };
  return { n, mean: Number(mean.toPrecision(15)), spread: Math.sqrt(squares / (n - 1)) };
}

/** What is known of one configuration from its completed trials. */
export interface ConfigurationResult {
  readonly configuration: number;
  readonly parameters: Parameters;
  /** The completed replicates, by number. */
  readonly trials: readonly Trial[];
  /** By metric, over the replicates that have it. */
  readonly metrics: Readonly<Record<string, Summary>>;
  /** Limits that the means do not hold; empty: feasible. */
  readonly broken: readonly string[];
}

/**
 * Tells which limits these metrics do not hold. `compileLimits` makes one of a sweep's limits.
 * @param isUnfinished the trial did not come to its end: limits over what it has not reported are left open
 */
export type LimitCheck = (
  parameters: Parameters,
  metrics: Metrics,
  isUnfinished?: boolean,
) => readonly string[];

/** Groups completed trials by configuration, by ascending number. */
export function configurationResults(trials: Iterable<Trial>, limits: LimitCheck): ConfigurationResult[] {
  const groups = new Map<number, Trial[]>();
  for (const trial of trials) {
    if (trial.state !== TrialState.Completed) continue;
    const group = groups.get(trial.configuration);
    if (group) group.push(trial);
    else groups.set(trial.configuration, [trial]);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([configuration, group]) => {
      const replicates = group.sort((a, b) => a.number - b.number);
      const parameters = replicates[0]?.parameters ?? {};
      const metrics = summariseMetrics(replicates);
      const means = Object.fromEntries(Object.entries(metrics).map(([name, { mean }]) => [name, mean]));
      return { configuration, parameters, trials: replicates, metrics, broken: limits(parameters, means) };
    });
}

function summariseMetrics(trials: readonly Trial[]): Record<string, Summary> {
  const values = new Map<string, number[]>();
  for (const { metrics } of trials) {
    for (const [name, value] of Object.entries(metrics)) {
      const list = values.get(name);
      if (list) list.push(value);
      else values.set(name, [value]);
    }
  }
  const summaries: Record<string, Summary> = {};
  for (const [name, list] of values) {
    const summary = summarise(list);
    if (summary) summaries[name] = summary;
  }
  return summaries;
}
