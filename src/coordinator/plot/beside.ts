import { rankSweep, type RankedConfiguration } from '../../analysis/ranking.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import type { Trial } from '../../sweep/trial.js';
import { formatNumber } from '../../sweep/units.js';
import { colours, type Figure } from './figure.js';

/** Another sweep's results, as far as they can be drawn beside those of a sweep. */
export interface BesideInput {
  readonly definition: SweepDefinition;
  readonly trials: readonly Trial[];
}

/** One configuration of the other sweep. */
export interface BesidePoint<X> {
  readonly row: RankedConfiguration;
  readonly x: X;
  readonly y: { readonly mean: number; readonly spread?: number };
}

/** Its configurations that have both; `xOf` says where one lies. */
export function besidePoints<X>(
  beside: BesideInput | undefined,
  metric: string,
  xOf: (row: RankedConfiguration) => X | undefined,
): BesidePoint<X>[] {
  if (!beside) return [];
  return rankSweep(beside.definition, beside.trials).rows.flatMap((row) => {
    const [x, y] = [xOf(row), row.metrics[metric]];
    return x === undefined || !y ? [] : [{ row, x, y }];
  });
}

/** Hollow triangles, with the spread of replicates; the legend says whose they are. */
export function drawBeside<X>(
  figure: Figure,
  { definition: { name } }: BesideInput,
  metric: string,
  points: readonly BesidePoint<X>[],
  place: { readonly x: (value: X) => number; readonly y: (value: number) => number },
): void {
  for (const { row, x, y } of points) {
    const [first] = row.trials;
    const at = place.x(x);
    if (y.spread !== undefined)
      figure.line([at, place.y(y.mean - y.spread), at, place.y(y.mean + y.spread)], colours.other);
    const tip = `${name}, trial ${first?.number}: ${metric} ${formatNumber(y.mean)}`;
    figure.triangle([at, place.y(y.mean)], colours.other, tip);
  }
  const { left, top, width } = figure.inner;
  figure.triangle([left + width - 8, top - 8], colours.other);
  figure.text(left + width - 18, top - 4, name, { anchor: 'end', colour: colours.other });
}
