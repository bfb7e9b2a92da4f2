import { Direction, type JudgedMetric } from '../../sweep/sweep-definition.js';
import type { Metrics } from '../../sweep/trial.js';

/** The metrics that a pruner judges by as costs (smaller is better); undefined where a report lacks one. */
export function costsOf(metrics: Metrics, judged: readonly JudgedMetric[]): number[] | undefined {
  const costs: number[] = [];
  for (const { name, direction } of judged) {
    const value = metrics[name];
    if (value === undefined) return undefined;
    // What is not a number is worse than everything, whatever the direction.
    costs.push(Number.isNaN(value) ? Infinity : direction === Direction.Minimize ? value : -value);
  }
  return costs;
}
