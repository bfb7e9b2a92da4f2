import { besideNumber } from '../data/beside.js';
import type { ChartTrial } from '../data/points.js';
import { formatMetric, formatParameter } from '../data/format.js';

/**
 * A trial in the lines of a tooltip: its name, the metrics that are asked for, its parameters. `beside` is the sweep
 * whose trials have numbers below zero.
 */
export function describeTrial(
  trial: ChartTrial | undefined,
  metrics: readonly string[],
  beside = '',
): string[] {
  if (!trial) return [];
  const state = trial.state === 'completed' ? '' : `, ${trial.state}`;
  const theirs = besideNumber(trial.number);
  return [
    theirs === undefined ? `Trial ${trial.number}${state}` : `${beside}, trial ${theirs}${state}`,
    ...metrics.map((metric) => `${metric}  ${formatMetric(metric, trial.metrics[metric])}`),
    ...Object.entries(trial.parameters).map(([name, value]) => `${name}  ${formatParameter(value)}`),
  ];
}
