import type { RankedResult } from '../../../sweep/objective.js';
import { paretoFront } from '../../../sweep/pareto.js';
import type { Direction, SweepDefinition } from '../../../sweep/sweep-definition.js';
import { directionOf } from './metrics.js';
import { isFeasible } from '../../ranking.js';

interface DirectedMetric {
  readonly metric: string;
  readonly direction: Direction;
}

/** Two metrics that one can't both have. */
export interface TradeOffPair {
  readonly x: DirectedMetric;
  readonly y: DirectedMetric;
}

export interface TradeOff extends TradeOffPair {
  /** Feasible configurations that no other feasible one beats in both, by ascending x. Means of replicates. */
  readonly front: readonly RankedResult[];
  readonly others: readonly RankedResult[];
}

/**
 * The primary objective against every other one; and against memory and time where they are reported, as less of
 * them is better in any case.
 */
export function tradeOffPairs(definition: SweepDefinition, metrics: readonly string[]): TradeOffPair[] {
  const [primary, ...others] = Object.entries(definition.objectives);
  if (!primary) return [];
  const [metric, direction] = primary;
  const names = new Set(others.map(([name]) => name));
  for (const cost of ['memory', 'time']) if (metrics.includes(cost) && cost !== metric) names.add(cost);
  return [...names].map((name) => ({
    x: { metric: name, direction: directionOf(definition, name) ?? 'minimize' },
    y: { metric, direction },
  }));
}

export function tradeOff({ x, y }: TradeOffPair, results: readonly RankedResult[]): TradeOff {
  const at = (result: RankedResult, { metric }: DirectedMetric) => result.metrics[metric]?.mean;
  const shown = results.filter((result) => at(result, x) !== undefined && at(result, y) !== undefined);
  const feasible = shown.filter(isFeasible);
  const indices = paretoFront(
    feasible.map((result) => [at(result, x), at(result, y)]),
    [x.direction, y.direction],
  );
  const front = indices.flatMap((index) => feasible[index] ?? []);
  const onFront = new Set(front);
  return {
    x,
    y,
    front: front.sort((a, b) => (at(a, x) ?? 0) - (at(b, x) ?? 0) || (at(a, y) ?? 0) - (at(b, y) ?? 0)),
    others: shown.filter((result) => !onFront.has(result)),
  };
}
