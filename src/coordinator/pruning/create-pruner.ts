import type { Space } from '../../sweep/space.js';
import type { PrunerDefinition } from '../../sweep/sweep-definition.js';
import type { EarlierResults } from '../search/warm/earlier-results.js';
import { ForecastPruner } from './forecast.js';
import { HalvingPruner } from './halving-pruner.js';
import { PatiencePruner } from './patience.js';
import { PercentilePruner } from './percentile.js';
import type { Pruner } from './pruner.js';
import { ThresholdPruner } from './threshold.js';
import { WilcoxonPruner } from './wilcoxon.js';

/** The pruner of a sweep. Those that keep curves for the sampler learn from earlier sweeps (`search.warmStart`), too. */
export function createPruner(
  definition: PrunerDefinition,
  space: Space,
  earlier: readonly EarlierResults[] = [],
): Pruner {
  switch (definition.type) {
    case 'forecast':
      return new ForecastPruner(definition, space, earlier);
    case 'asha':
    case 'hyperband':
      return new HalvingPruner(definition, space, earlier);
    case 'median':
    case 'percentile':
      return new PercentilePruner(definition);
    case 'threshold':
      return new ThresholdPruner(definition);
    case 'patience':
      return new PatiencePruner(definition);
    case 'wilcoxon':
      return new WilcoxonPruner(definition);
  }
}
