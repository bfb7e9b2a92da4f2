import type { SweepDefinition } from '../sweep/sweep-definition.js';
import type { Trial } from '../sweep/trial.js';
import { Surrogate } from './surrogate.js';

/** How much of what a metric varies over the space comes from one parameter. */
export interface ParameterImportance {
  readonly name: string;
  /** Share of the variance, 0 to 1, by itself: whatever the other parameters are. */
  readonly share: number;
}

export interface Interaction {
  readonly names: readonly [string, string];
  /** Share of the variance that only both together explain. */
  readonly share: number;
}

export interface Importance {
  readonly metric: string;
  /** Configurations that it rests on. */
  readonly configurations: number;
  /** Part of the variance that the model predicts for what it has not seen; near 0 the shares mean nothing. */
  readonly explained: number;
  /** Most important first. */
  readonly parameters: readonly ParameterImportance[];
  /** Of the most important parameters, strongest first. */
  readonly interactions: readonly Interaction[];
}

/** Pairs are looked for among so many parameters. */
const pairedParameters = 5;

/**
 * Functional ANOVA over a random forest (F. Hutter, H. Hoos and K. Leyton-Brown, "An efficient approach for assessing
 * hyperparameter importance", ICML 2014): the variance of what is expected over the space, and which part of it each
 * parameter by itself and each pair together make. A conditional parameter counts by the share of the space in which
 * it exists. Undefined where there are too few configurations (`fewestConfigurations`), or all have the same value.
 */
export function parameterImportance(
  definition: SweepDefinition,
  trials: Iterable<Trial>,
  metric: string,
): Importance | undefined {
  const surrogate = Surrogate.of(definition, trials, metric);
  return surrogate && importanceOf(surrogate, metric);
}

export function importanceOf(surrogate: Surrogate, metric: string): Importance {
  const variances = new Map(surrogate.parameters.map(({ name }) => [name, mainVariance(surrogate, name)]));
  // Main effects are averages over few rows, so together they may come to a little more than the whole.
  const sum = [...variances.values()].reduce((total, variance) => total + variance, 0);
  const whole = Math.max(surrogate.variance(), sum);
  const share = (variance: number): number => (whole === 0 ? 0 : variance / whole);
  const parameters = [...variances]
    .map(([name, variance]) => ({ name, share: share(variance) }))
    .sort((a, b) => b.share - a.share);
  const names = parameters.slice(0, pairedParameters).map(({ name }) => name);
  const interactions = names
    .flatMap((a, i) => names.slice(i + 1).map((b): [string, string] => [a, b]))
    .map((pair) => ({ names: pair, share: share(pairVariance(surrogate, pair)) }))
    .sort((a, b) => b.share - a.share);
  const { configurations, explained } = surrogate;
  return { metric, configurations, explained, parameters, interactions };
}

function mainVariance(surrogate: Surrogate, name: string): number {
  const points = surrogate.effect(name);
  const mean = points.reduce((sum, point) => sum + point.weight * point.mean, 0);
  const variance = points.reduce((sum, point) => sum + point.weight * (point.mean - mean) ** 2, 0);
  return surrogate.presence(name) * variance;
}

/** What is left of a pair's table when the means of its rows and columns are taken away. */
function pairVariance(surrogate: Surrogate, names: readonly [string, string]): number {
  const { means } = surrogate.pairEffect(names);
  const columns = means[0]?.length ?? 0;
  const average = (values: readonly number[]): number =>
    values.reduce((sum, v) => sum + v, 0) / values.length;
  const rowMeans = means.map(average);
  const columnMeans = Array.from({ length: columns }, (_, j) => average(means.map((row) => row[j] ?? 0)));
  const mean = average(rowMeans);
  const left = means.flatMap((row, i) =>
    row.map((value, j) => (value - (rowMeans[i] ?? 0) - (columnMeans[j] ?? 0) + mean) ** 2),
  );
  return average(left) * surrogate.presence(names[0]) * surrogate.presence(names[1]);
}
