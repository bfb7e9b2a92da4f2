import type { ChartTrial } from '../data/points.js';
import { formatMetric, formatParameter } from '../data/format.js';

/** A trial in the lines of a tooltip: its name, the metrics that are asked for, its parameters. */
export function describeTrial(trial: ChartTrial | undefined, metrics: readonly string[]): string[] {
  if (!trial) return [];
  const state = trial.state === 'completed' ? '' : `, ${trial.state}`;
  return [
    `Trial ${trial.number}${state}`,
    ...metrics.map((metric) => `${metric}  ${formatMetric(metric, trial.metrics[metric])}`),
    ...Object.entries(trial.parameters).map(([name, value]) => `${name}  ${formatParameter(value)}`),
  ];
}
