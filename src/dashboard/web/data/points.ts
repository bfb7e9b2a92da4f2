import type { ColumnData, PointsAnswer, SlicesAnswer } from '../../api/charts.js';
import type { Parameters, ParameterValue } from '../../../sweep/parameter.js';
import type { Metrics, TrialState } from '../../../sweep/trial.js';

/** As much of a trial as charts know of it. */
export interface ChartTrial {
  readonly number: number;
  readonly state: TrialState;
  readonly parameters: Parameters;
  readonly metrics: Metrics;
}

/** Where a chart finds the trial of a point. */
export interface TrialLookup {
  get(number: number): ChartTrial | undefined;
}

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
  readonly points: Readonly<Record<PointKind, readonly Point[]>>;
  readonly means: readonly Mean[];
  /** Mean and standard deviation of the completed replicates of each configuration that has several. */
  readonly replicates: readonly Mean[];
}

export interface Mean {
  readonly x: number;
  readonly y: number;
  /** Standard deviation of what lies there. */
  readonly spread?: number;
}

/** Trials that the server sent in columns, one by one. */
export class SentTrials implements TrialLookup {
  readonly #positions: ReadonlyMap<number, number>;

  constructor(
    private readonly numbers: readonly number[],
    private readonly states: readonly TrialState[] | undefined,
    private readonly columns: Readonly<Record<string, ColumnData>>,
  ) {
    this.#positions = new Map(numbers.map((number, position) => [number, position]));
  }

  get(number: number): ChartTrial | undefined {
    const position = this.#positions.get(number);
    if (position === undefined) return undefined;
    const parameters: Record<string, ParameterValue> = {};
    const metrics: Record<string, number> = {};
    for (const [id, column] of Object.entries(this.columns)) {
      const value = valueAt(column, position);
      if (value === undefined) continue;
      if (id.startsWith('parameter:')) parameters[id.slice('parameter:'.length)] = value;
      else if (id.startsWith('metric:')) metrics[id.slice('metric:'.length)] = Number(value);
    }
    return { number, state: this.states?.[position] ?? 'completed', parameters, metrics };
  }
}

function valueAt(column: ColumnData, position: number): ParameterValue | undefined {
  const value = column.values[position] ?? undefined;
  return value === undefined || !column.categories ? value : column.categories[value];
}

/** One metric over x, a series for each value of the colour. */
export function metricSeries(
  answer: PointsAnswer,
  slices: SlicesAnswer | undefined,
  x: string,
  metric: string,
  colour: { readonly name: string; readonly values: readonly ParameterValue[] } | undefined,
  alone: boolean,
): Series[] {
  const id = `metric:${metric}`;
  const [xs, ys] = [answer.columns[x]?.values ?? [], answer.columns[id]?.values ?? []];
  const colours = colour && answer.columns[`parameter:${colour.name}`];
  const configurations = answer.columns['configuration'];
  const replicates = new Map<number, Replicates>();
  const groups = new Map<ParameterValue | undefined, Record<PointKind, Point[]>>();
  for (const value of colour?.values ?? [undefined]) groups.set(value, emptyPoints());
  answer.numbers.forEach((trial, position) => {
    const [at, y] = [xs[position] ?? null, ys[position] ?? null];
    if (at === null || y === null) return;
    const value = colours && valueAt(colours, position);
    const points = groups.get(value) ?? emptyPoints();
    groups.set(value, points);
    points[kindOf(answer.states[position])].push({ x: at, y, trial });
    const configuration = configurations?.values[position] ?? null;
    if (configuration === null || answer.states[position] !== 'completed') return;
    const known = replicates.get(configuration);
    if (known) known.ys.push(y);
    else replicates.set(configuration, { x: at, value, ys: [y] });
  });
  const bars = [...replicates.values()].filter(({ ys }) => ys.length > 1);
  return [...groups].map(([value, points]) => ({
    points,
    replicates: bars.filter((bar) => bar.value === value).map(barOf),
    means: meansOf(slices?.groups.find((group) => group.value === value)?.slices[id], alone),
  }));
}

interface Replicates {
  readonly x: number;
  readonly value: ParameterValue | undefined;
  readonly ys: number[];
}

function barOf({ x, ys }: Replicates): Mean {
  const mean = ys.reduce((sum, y) => sum + y, 0) / ys.length;
  const squares = ys.reduce((sum, y) => sum + (y - mean) ** 2, 0);
  return { x, y: mean, spread: Math.sqrt(squares / (ys.length - 1)) };
}

const tellingShare = 0.75;

/**
 * Where nearly every x has a trial of its own, other parameters make the line a saw that says nothing: no means then.
 * `alone`: no other parameter varies.
 */
function meansOf(
  slice: SlicesAnswer['groups'][number]['slices'][string] | undefined,
  alone: boolean,
): Mean[] {
  if (!slice) return [];
  const total = slice.bins.reduce((sum, { n }) => sum + n, 0);
  if (!alone && slice.bins.length > total * tellingShare) return [];
  return slice.bins.map(({ x, mean, spread }) => ({ x, y: mean, ...(spread !== undefined && { spread }) }));
}

function emptyPoints(): Record<PointKind, Point[]> {
  return { completed: [], running: [], pruned: [] };
}

function kindOf(state: TrialState | undefined): PointKind {
  return state === 'completed' || state === 'pruned' ? state : 'running';
}
