import type { PointKind } from '../data/points.js';
import type { ScatterDataset, ChartPoint } from './chart.js';
import { faded, type ChartTheme } from './theme.js';

/** How far a mark may stand out over the frame of the axes, in pixels: those at the edge are whole. */
export const overhang = 8;

/** Points of one kind: results filled, running ones hollow, pruned ones crossed. Never by colour alone. */
export function pointDataset(
  kind: PointKind,
  data: readonly ChartPoint[],
  colour: string,
  theme: ChartTheme,
  many: boolean,
): ScatterDataset {
  const radius = many ? 2.5 : 4;
  const hover = {
    pointHoverRadius: radius + 3,
    pointHoverBorderWidth: 2,
    pointHoverBorderColor: theme.text,
    pointHoverBackgroundColor: colour,
  };
  const base = { data: data as ChartPoint[], showLine: false, pointRadius: radius, clip: overhang, ...hover };
  switch (kind) {
    case 'completed':
      return {
        ...base,
        pointBackgroundColor: faded(colour, many ? 0.55 : 0.75),
        pointBorderColor: theme.surface,
        pointBorderWidth: many ? 0 : 1,
      };
    case 'running':
      return {
        ...base,
        pointBackgroundColor: theme.surface,
        pointBorderColor: colour,
        pointBorderWidth: 1.5,
      };
    case 'pruned':
      return { ...base, pointStyle: 'crossRot', pointBorderColor: faded(colour, 0.6), pointBorderWidth: 1.5 };
  }
}

export function lineDataset(
  data: readonly ChartPoint[],
  colour: string,
  stepped: false | 'before' | 'after' = false,
): ScatterDataset {
  return {
    data: data as ChartPoint[],
    showLine: true,
    clip: overhang,
    stepped,
    pointRadius: 0,
    pointHoverRadius: 0,
    borderColor: colour,
    borderWidth: 2,
    borderJoinStyle: 'round',
  };
}

/** What is of another sweep, where no parameter colours the points. */
export function besideColour(theme: ChartTheme): string {
  return theme.series[2] ?? theme.muted;
}

/** Points of another sweep: hollow triangles. */
export function besideDataset(data: readonly ChartPoint[], colour: string): ScatterDataset {
  return {
    data: data as ChartPoint[],
    showLine: false,
    clip: overhang,
    pointStyle: 'triangle',
    pointRadius: 4.5,
    pointHoverRadius: 7.5,
    pointBackgroundColor: faded(colour, 0.15),
    pointBorderColor: colour,
    pointBorderWidth: 1.5,
    pointHoverBackgroundColor: colour,
  };
}

/** A line of another sweep. */
export function brokenLineDataset(
  data: readonly ChartPoint[],
  colour: string,
  stepped: false | 'before' | 'after' = false,
): ScatterDataset {
  return { ...lineDataset(data, colour, stepped), borderDash: [5, 4], borderWidth: 1.5 };
}
