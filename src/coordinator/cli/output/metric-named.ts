import { primaryObjective } from '../../../analysis/ranking.js';
import { didYouMean } from '../../../sweep/nearest.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';
import { UsageError } from '../../../support/errors.js';
import { metricNames } from './trial-view.js';

/** A metric that these trials have, by its flag; the first objective without it. */
export function metricNamed(
  definition: SweepDefinition,
  trials: Iterable<Pick<Trial, 'metrics'>>,
  name: string | undefined,
  flag = '--metric',
): string {
  if (name === undefined) return primaryObjective(definition);
  const names = metricNames(definition, trials);
  if (names.includes(name)) return name;
  throw new UsageError(
    `${flag}: "${name}" is not a metric${didYouMean(name, names)}; there are ${names.join(', ')}`,
  );
}
