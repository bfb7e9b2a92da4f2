import type { ParameterValue } from '../../../sweep/parameter.js';
import type { Trial } from '../../../sweep/trial.js';
import { trialNumberAxis, type Axis } from './axis.js';

/** A trial as a point of a chart. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly trial: number;
}

/** How a point looks, since not every value is a result. */
export type PointKind = 'completed' | 'running' | 'pruned';

/** The points of one colour. */
export interface Series {
  /** Value of the parameter that colours; absent where nothing does. */
  readonly value?: ParameterValue;
  readonly points: Readonly<Record<PointKind, readonly Point[]>>;
  /** Means of the completed trials at each x, ascending, where they say something; else empty. */
  readonly means: readonly { readonly x: number; readonly y: number }[];
}

/** What the charts of all metrics have in common: which trial belongs to which colour, and where it is. */
export interface Placement {
  readonly axis: Axis;
  readonly groups: readonly { readonly value?: ParameterValue; readonly members: readonly Placed[] }[];
  /** Trials that do not have the parameter of the axis. */
  readonly absent: number;
  /** No other parameter varies: what lies at one x and has one colour differs by chance alone. */
  readonly alone: boolean;
}

interface Placed {
  readonly trial: Trial;
  readonly x: number;
}

export function place(
  trials: Iterable<Trial>,
  axis: Axis,
  colours: { readonly name: string; readonly values: readonly ParameterValue[] } | undefined,
  alone: boolean,
): Placement {
  const groups = new Map<ParameterValue | undefined, Placed[]>();
  for (const value of colours?.values ?? [undefined]) groups.set(value, []);
  let absent = 0;
  for (const trial of trials) {
    const x = axis.position(trial);
    if (x === undefined) {
      absent++;
      continue;
    }
    const value = colours && trial.parameters[colours.name];
    const group = groups.get(value);
    if (group) group.push({ trial, x });
    else groups.set(value, [{ trial, x }]);
  }
  return {
    axis,
    absent,
    alone,
    groups: [...groups].map(([value, members]) => ({ ...(value !== undefined && { value }), members })),
  };
}

/** The points and means of one metric. */
export function metricSeries({ groups, axis, alone }: Placement, metric: string): Series[] {
  return groups.map(({ members, ...group }) => {
    const points: Record<PointKind, Point[]> = { completed: [], running: [], pruned: [] };
    for (const { trial, x } of members) {
      const y = trial.metrics[metric];
      const kind = kindOf(trial);
      if (y !== undefined && kind) points[kind].push({ x, y, trial: trial.number });
    }
    const means = meansOf(points.completed);
    // Where nearly every x has a trial of its own, other parameters make the line a saw that says nothing.
    const telling = alone || means.length <= points.completed.length * tellingShare;
    return { ...group, points, means: telling && axis.name !== trialNumberAxis ? means : [] };
  });
}

const tellingShare = 0.75;

function kindOf({ state, metrics }: Trial): PointKind | undefined {
  if (state === 'completed' || state === 'pruned') return state;
  return (state === 'running' || state === 'paused') && Object.keys(metrics).length > 0
    ? 'running'
    : undefined;
}

function meansOf(points: readonly Point[]): { x: number; y: number }[] {
  const sums = new Map<number, { sum: number; n: number }>();
  for (const { x, y } of points) {
    const at = sums.get(x);
    if (at) {
      at.sum += y;
      at.n++;
    } else sums.set(x, { sum: y, n: 1 });
  }
  return [...sums].map(([x, { sum, n }]) => ({ x, y: sum / n })).sort((a, b) => a.x - b.x);
}
