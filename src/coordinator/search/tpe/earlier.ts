import type { Parameters } from '../../../sweep/parameter.js';
import type { Space } from '../../../sweep/space.js';
import { Features } from '../gp/features.js';
import { earlierModel } from '../gp/models.js';
import type { EarlierRanks } from '../warm/earlier-ranks.js';
import { fewestEarlier, type EarlierResults } from '../warm/earlier-results.js';
import type { Encoded } from './split.js';

/** What earlier sweeps say, for configurations as the estimator sees them. */
export function ranksOf(
  space: Space,
  earlier: readonly EarlierResults[],
  encode: (parameters: Parameters) => Encoded,
  parametersOf: (encoded: Encoded) => Parameters,
): EarlierRanks<Encoded>[] {
  const features = new Features(space);
  return earlier.flatMap(({ results }) => {
    if (results.length < fewestEarlier) return [];
    const model = earlierModel(
      features,
      results.map(({ parameters, cost, count }) => {
        return { x: features.of(parameters), cost, count, feasible: true };
      }),
    );
    return [
      {
        ranked: results.map(({ parameters }) => encode(parameters)),
        expect: (own: Encoded) => model.expect(features.of(parametersOf(own))),
      },
    ];
  });
}
