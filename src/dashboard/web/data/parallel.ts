import type { PointsAnswer } from '../../api/charts.js';
import type { ParameterValue } from '../../../sweep/parameter.js';
import { formatParameter } from './format.js';
import { formatMetric } from './format.js';

/** One axis of parallel coordinates; places are 0 (bottom) to 1 (top). */
export interface Dimension {
  /** `parameter:NAME` or `metric:NAME`. */
  readonly id: string;
  readonly name: string;
  /** Of each line; `undefined` where it has no such value. */
  readonly places: readonly (number | undefined)[];
  readonly categories?: readonly ParameterValue[];
  /** The value at a place. */
  readonly at: (place: number) => number;
  readonly label: (place: number) => string;
}

/** A range on an axis, in places. */
export interface Brush {
  readonly id: string;
  readonly low: number;
  readonly high: number;
}

/** Values over more than this many times the smallest are told apart on a logarithmic axis only. */
const widestLinear = 500;

export function dimensionsOf(answer: PointsAnswer, ids: readonly string[]): Dimension[] {
  return ids.flatMap((id) => {
    const column = answer.columns[id];
    const values = column?.values.filter((value) => value !== null) ?? [];
    if (!column || values.length === 0) return [];
    const name = id.slice(id.indexOf(':') + 1);
    const { categories } = column;
    if (categories) {
      const last = Math.max(categories.length - 1, 1);
      const at = (place: number) => Math.round(place * last);
      return [
        {
          id,
          name,
          categories,
          places: column.values.map((code) => (code === null ? undefined : code / last)),
          at,
          label: (place: number) => String(categories[at(place)] ?? ''),
        },
      ];
    }
    const low = values.reduce((a, b) => Math.min(a, b));
    const high = values.reduce((a, b) => Math.max(a, b));
    const log = low > 0 && (column.log || high / low > widestLinear);
    const [bottom, top] = log ? [Math.log(low), Math.log(high)] : [low, high];
    const at = (place: number) => {
      const value = bottom + place * (top - bottom);
      return log ? Math.exp(value) : value;
    };
    const place = (value: number) =>
      top > bottom ? ((log ? Math.log(value) : value) - bottom) / (top - bottom) : 0.5;
    const label = (place: number) =>
      id.startsWith('metric:')
        ? formatMetric(name, at(place))
        : formatParameter(Number(at(place).toPrecision(3)));
    return [
      {
        id,
        name,
        places: column.values.map((value) => (value === null ? undefined : place(value))),
        at,
        label,
      },
    ];
  });
}

/** Positions of the lines that lie within all ranges. */
export function linesWithin(dimensions: readonly Dimension[], brushes: readonly Brush[]): number[] {
  const lines = dimensions[0]?.places.length ?? 0;
  const ranges = brushes.flatMap((brush) => {
    const dimension = dimensions.find(({ id }) => id === brush.id);
    return dimension ? [{ ...brush, places: dimension.places }] : [];
  });
  return Array.from({ length: lines }, (_, line) => line).filter((line) =>
    ranges.every(({ places, low, high }) => {
      const place = places[line];
      return place !== undefined && place >= low - 1e-9 && place <= high + 1e-9;
    }),
  );
}

/** The ranges as a filter, together with the one that there is. */
export function expressionOf(
  dimensions: readonly Dimension[],
  brushes: readonly Brush[],
  where: string | undefined,
): string {
  const terms = brushes.flatMap(({ id, low, high }) => {
    const dimension = dimensions.find((each) => each.id === id);
    if (!dimension) return [];
    const { name, categories, at } = dimension;
    if (categories) {
      const last = Math.max(categories.length - 1, 1);
      const chosen = categories.filter((_, code) => code / last >= low - 1e-9 && code / last <= high + 1e-9);
      return [`${name} in [${chosen.map((value) => JSON.stringify(value)).join(', ')}]`];
    }
    return [
      ...(low > 0 ? [`${name} >= ${short(at(low))}`] : []),
      ...(high < 1 ? [`${name} <= ${short(at(high))}`] : []),
    ];
  });
  return [...(where === undefined ? [] : [`(${where})`]), ...terms].join(' && ');
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
