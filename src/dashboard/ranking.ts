import { compileLimits } from '../sweep/limits.js';
import { configurationResults, rankConfigurations, type RankedResult } from '../sweep/objective.js';
import type { SweepDefinition } from '../sweep/sweep-definition.js';
import type { Trial } from '../sweep/trial.js';

/** Configurations with a completed trial, best first by the primary objective, as `coordinator best` has them. */
export function rank(definition: SweepDefinition, trials: Iterable<Trial>): RankedResult[] {
  const [primary] = Object.entries(definition.objectives);
  if (!primary) return [];
  const results = configurationResults(trials, compileLimits(definition));
  return rankConfigurations(results, ...primary);
}

export function isFeasible({ broken }: RankedResult): boolean {
  return broken.length === 0;
}

/** The trial that stands for a configuration where one is wanted: its first replicate. */
export function firstTrial({ trials }: RankedResult): number {
  return trials[0]?.number ?? 0;
}
