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
  const alone = surrogate.parameters
    .map(({ name }) => ({ name, variance: mainVariance(surrogate, name) }))
    .sort((a, b) => b.variance - a.variance);
  const names = alone.slice(0, pairedParameters).map(({ name }) => name);
  // What a parameter and the one that decides whether it exists make together is what the former makes by itself.
  const pairs = names
    .flatMap((a, i) => names.slice(i + 1).map((b): [string, string] => [a, b]))
    .filter((pair) => !surrogate.isCondition(pair) && surrogate.presence(...pair) > 0)
    .map((pair) => ({ names: pair, variance: pairVariance(surrogate, pair) }));
  // Effects are averages over few rows, so together they may come to a little more than the whole.
  const sum = [...alone, ...pairs].reduce((total, { variance }) => total + variance, 0);
  const whole = Math.max(surrogate.variance(), sum);
  const share = (variance: number): number => (whole === 0 ? 0 : variance / whole);
  const { configurations, explained } = surrogate;
  return {
    metric,
    configurations,
    explained,
    parameters: alone.map(({ name, variance }) => ({ name, share: share(variance) })),
    interactions: pairs
      .map((pair) => ({ names: pair.names, share: share(pair.variance) }))
      .sort((a, b) => b.share - a.share),
  };
}

function mainVariance(surrogate: Surrogate, name: string): number {
  const points = surrogate.effect(name);
  const mean = points.reduce((sum, point) => sum + point.weight * point.mean, 0);
  const variance = points.reduce((sum, point) => sum + point.weight * (point.mean - mean) ** 2, 0);
  return surrogate.presence(name) * variance;
}

/** Rounds in which the effects of rows and columns are fitted; one is enough for a table without gaps. */
const fittingRounds = 20;

/** What is left of a pair's table when the effects of its rows and columns are taken away, by least squares. */
function pairVariance(surrogate: Surrogate, names: readonly [string, string]): number {
  const cells = surrogate
    .pairEffect(names)
    .flatMap((means, row) =>
      means.flatMap((mean, column) => (mean === undefined ? [] : [{ row, column, left: mean }])),
    );
  for (let round = 0; round < fittingRounds; round++)
    for (const axis of ['row', 'column'] as const) centre(cells, axis);
  const squares = cells.reduce((sum, { left }) => sum + left ** 2, 0);
  return cells.length === 0 ? 0 : (squares / cells.length) * surrogate.presence(...names);
}

interface Cell {
  readonly row: number;
  readonly column: number;
  left: number;
}

/** Takes the mean of each row, or of each column, away. */
function centre(cells: readonly Cell[], axis: 'row' | 'column'): void {
  const lines = new Map<number, Cell[]>();
  for (const cell of cells) {
    const line = lines.get(cell[axis]);
    if (line) line.push(cell);
    else lines.set(cell[axis], [cell]);
  }
  for (const line of lines.values()) {
    const mean = line.reduce((sum, { left }) => sum + left, 0) / line.length;
    for (const cell of line) cell.left -= mean;
  }
}
