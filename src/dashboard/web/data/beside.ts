import type { BesideSweep } from '../../api/beside.js';
import type { ColumnData, PointsAnswer, SlicesAnswer } from '../../api/charts.js';
import type { ParameterValue } from '../../../sweep/parameter.js';

/** Another sweep's answers, in the terms of ours. */
export interface BesideResults {
  readonly name: string;
  /** No parameter varies there but the axis and the colour. */
  readonly alone: boolean;
  readonly points: PointsAnswer;
  readonly slices: SlicesAnswer | undefined;
}

/**
 * Trials of another sweep are points of our charts too. Theirs have numbers below zero there, so that a number tells
 * whose trial it is.
 */
export function besideKey(number: number): number {
  return -1 - number;
}

/** The trial of the other sweep behind a point; undefined where it is one of ours. */
export function besideNumber(key: number): number | undefined {
  return key < 0 ? -1 - key : undefined;
}

/** Which sweep is drawn beside: the one chosen (by id or name), else the one that matches; `''` chooses none. */
export function chosenBeside(
  candidates: readonly BesideSweep[],
  chosen: string | undefined,
): BesideSweep | undefined {
  if (chosen === undefined) return candidates.find(({ matches }) => matches);
  return candidates.find(({ id }) => id === chosen) ?? candidates.find(({ name }) => name === chosen);
}

/** Both filters at once. */
export function bothWhere(a: string | undefined, b: string | undefined): string | undefined {
  if (!a?.trim()) return b;
  return b === undefined ? a : `(${a}) && (${b})`;
}

/** Where a value of the other sweep's column lies on the axis that our column has. */
function placing(own: ColumnData | undefined, theirs: ColumnData) {
  const places = own?.categories && new Map(own.categories.map((value, place) => [value, place]));
  return (value: number | null): number | null => {
    const meant = value !== null && theirs.categories ? theirs.categories[value] : value;
    if (meant === null || meant === undefined) return null;
    if (places) return places.get(meant) ?? null;
    return typeof meant === 'number' ? meant : null;
  };
}

/** What the other sweep answered, placed on our axis, coloured as ours. Values that our axis has not are left out. */
export function placedBeside(
  theirs: { readonly points: PointsAnswer; readonly slices: SlicesAnswer | undefined },
  own: PointsAnswer,
  x: string,
  colour: { readonly name: string; readonly fixed: ParameterValue | undefined } | undefined,
): Omit<BesideResults, 'name' | 'alone'> {
  const { points, slices } = theirs;
  const column = points.columns[x];
  if (!column) return { points, slices };
  const axis = own.columns[x];
  const place = placing(axis, column);
  const placed: ColumnData = {
    log: column.log,
    ...(axis?.categories && { categories: axis.categories }),
    values: column.values.map(place),
  };
  const fixed =
    colour?.fixed === undefined
      ? {}
      : { [`parameter:${colour.name}`]: constant(colour.fixed, points.numbers.length) };
  return {
    points: {
      ...points,
      numbers: points.numbers.map(besideKey),
      columns: { ...points.columns, ...fixed, [x]: placed },
    },
    slices: slices && {
      ...slices,
      groups: slices.groups.map((group) => ({
        ...group,
        ...(colour?.fixed !== undefined && { value: colour.fixed }),
        slices: Object.fromEntries(
          Object.entries(group.slices).map(([y, { binned, bins }]) => [
            y,
            { binned, bins: bins.flatMap((bin) => placedBin(bin, place(bin.x))) },
          ]),
        ),
      })),
    },
  };
}

function placedBin<Bin>(bin: Bin, x: number | null): Bin[] {
  return x === null ? [] : [{ ...bin, x }];
}

function constant(value: ParameterValue, length: number): ColumnData {
  return { log: false, categories: [value], values: Array.from({ length }, () => 0) };
}
