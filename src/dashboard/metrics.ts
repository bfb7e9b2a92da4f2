import type { Direction, SweepDefinition } from '../sweep/sweep-definition.js';

/** What a metric is measured in, as far as its name tells: metrics carry no unit of their own. */
export type Unit = 'bytes' | 'seconds' | 'number';

export function unitOf(metric: string): Unit {
  if (/(memory|bytes)$/i.test(metric)) return 'bytes';
  if (/(time|seconds|duration)$/i.test(metric)) return 'seconds';
  return 'number';
}

/**
 * All metrics of a sweep: objectives first, in their order, then memory and time, then the others as they were first
 * reported.
 */
export function metricNames(definition: SweepDefinition, reported: readonly string[]): string[] {
  const costs = ['memory', 'time'].filter((name) => reported.includes(name));
  return [...new Set([...Object.keys(definition.objectives), ...costs, ...reported])];
}

/** What is shown against what where nobody has chosen: three charts under each other. */
export function defaultMetrics(names: readonly string[]): string[] {
  return names.slice(0, 3);
}

/** Where better lies. Of what is no objective, only memory and time have a known direction: less. */
export function directionOf(definition: SweepDefinition, metric: string): Direction | undefined {
  return definition.objectives[metric] ?? (unitOf(metric) === 'number' ? undefined : 'minimize');
}
