import type { Parameters } from '../../../sweep/parameter.js';
import { agreement } from '../warm/earlier-ranks.js';
import { fewestEarlier, type EarlierResults } from '../warm/earlier-results.js';
import type { Features } from './features.js';
import { earlierModel } from './models.js';
import { Trend } from './trend.js';

/** A configuration and what it came to, as far as it came to something: smaller is better. */
export interface Result {
  readonly parameters: Parameters;
  readonly costs?: readonly number[];
}

/** Results that a model begins with where earlier sweeps tell something. */
export const warmStartup = 5;
/** With less agreement than this (Kendall's rank correlation) an earlier sweep may as well mislead. */
const leastAgreement = 0.25;

/** What earlier sweeps predict; undefined where there are none that tell enough. */
export function trendOf(features: Features, earlier: readonly EarlierResults[]): Trend | undefined {
  const posteriors = earlier
    .filter(({ results }) => results.length >= fewestEarlier)
    .map(({ results }) => {
      const samples = results.map(({ parameters, cost, count }) => {
        return { x: features.of(parameters), cost, count, feasible: true };
      });
      return earlierModel(features, samples);
    });
  return posteriors.length === 0 ? undefined : new Trend(posteriors);
}

/** Whether the results came more or less in the order that one of the earlier sweeps predicts. */
export function isToldBy(trend: Trend, features: Features, known: readonly Result[]): boolean {
  const predicted = known
    .flatMap(({ parameters, costs }) => (costs?.[0] === undefined ? [] : [{ parameters, cost: costs[0] }]))
    .sort((a, b) => a.cost - b.cost)
    .map(({ parameters }) => trend.at(features.of(parameters)));
  return Array.from({ length: trend.size }, (_, k) => agreement(predicted, (sweeps) => sweeps[k] ?? 0)).some(
    (found) => found > leastAgreement,
  );
}
