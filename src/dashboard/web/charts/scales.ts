import type { Axis } from '../data/axis.js';
import { formatTick } from '../data/format.js';
import { unitOf } from '../../metrics.js';
import { logTicks, niceStep, roundTicks } from '../data/ticks.js';
import { formatNumber } from '../../../sweep/units.js';
import type { ScatterOptions } from './chart.js';
import type { ChartTheme } from './theme.js';

type Scale = NonNullable<NonNullable<ScatterOptions['scales']>[string]>;

/** Values over more than this many times the smallest are told apart on a logarithmic axis only. */
const widestLinear = 500;
/** Room left of every chart for its labels: the same, so that charts under each other have their points aligned. */
const axisWidth = 64;

const tickFont = { size: 11 };

interface ScaleInput {
  readonly theme: ChartTheme;
  readonly title: string;
  readonly showLabels?: boolean;
  /** Never logarithmic. */
  readonly linear?: boolean;
}

function frame({ theme, title, showLabels = true }: ScaleInput) {
  return {
    title: { display: title !== '' && showLabels, text: title, color: theme.muted, font: { size: 12 } },
    grid: { color: theme.line, drawTicks: false },
    border: { display: false },
  };
}

/** The axis of a metric: linear in round steps of its unit, logarithmic where values are too far apart. */
export function metricScale(
  metric: string,
  values: readonly number[],
  input: ScaleInput & { readonly at: 'x' | 'y' },
): Scale {
  const { theme, at: side } = input;
  const [low, high] = extent(values);
  const log = input.linear !== true && low > 0 && high / low > widestLinear;
  const title = log && input.title ? `${input.title}, logarithmic` : input.title;
  const ticks = {
    color: theme.muted,
    font: tickFont,
    padding: 6,
    maxRotation: 0,
    callback: (value: string | number) => formatTick(metric, Number(value)),
  };
  const common = { ...frame({ ...input, title }), ...(side === 'y' && { afterFit: fixWidth }) };
  const pieces = side === 'y' ? 4 : 6;
  if (log) return logScale(low, high, pieces + 1, { ...common, ticks });
  const range = high > low ? high - low : Math.abs(high) / 10 || 1;
  const step = niceStep(range, pieces, unitOf(metric));
  return {
    type: 'linear',
    ...common,
    ...(high > low
      ? { min: Math.floor(low / step) * step, max: Math.ceil(high / step) * step }
      : { suggestedMin: low - step, suggestedMax: high + step }),
    ticks: { ...ticks, stepSize: step },
  };
}

/** An axis of seconds from 0. */
export function durationScale(values: readonly number[], input: ScaleInput): Scale {
  return metricScale('duration', [0, ...values], { ...input, at: 'x', linear: true });
}

/** The axis of a parameter. */
export function parameterScale(axis: Axis, values: readonly number[], input: ScaleInput): Scale {
  const { theme, showLabels = true } = input;
  const ticks = {
    color: theme.muted,
    font: tickFont,
    padding: 6,
    maxRotation: 0,
    display: showLabels,
    callback: (value: string | number) => formatNumber(Number(value)),
  };
  const [low, high] = extent(values);
  if (axis.kind === 'log' && low > 0) {
    return logScale(low, high, mostLabels, { ...frame(input), ticks });
  }
  if (axis.kind === 'category') {
    return {
      type: 'linear',
      ...frame(input),
      min: -0.5,
      max: axis.categories.length - 0.5,
      afterBuildTicks: at(axis.categories.map((_, index) => index)),
      ticks: {
        ...ticks,
        autoSkip: true,
        maxRotation: 40,
        callback: (value: string | number) => shorten(axis.categories[Number(value)] ?? ''),
      },
    };
  }
  const range = high > low ? high - low : 1;
  const step = niceStep(range, mostLabels, 'number');
  const whole = values.every(Number.isInteger);
  return {
    type: 'linear',
    ...frame(input),
    // Room for the points at the ends.
    min: low - range * 0.02,
    max: high + range * 0.02,
    afterBuildTicks: at(roundTicks(low, high, whole ? Math.max(1, Math.round(step)) : step)),
    ticks,
  };
}

const mostLabels = 9;

/** Puts ticks at these values alone: Chart.js would begin at the end of the axis, wherever that is. */
function at(values: readonly number[]) {
  return (scale: { ticks: { value: number }[] }) => {
    scale.ticks = values.map((value) => ({ value }));
  };
}

function logScale(low: number, high: number, mostTicks: number, rest: object): Scale {
  const margin = (high / low) ** 0.04 || 1.1;
  const min = low / Math.max(margin, 1.02);
  const max = high * Math.max(margin, 1.02);
  return {
    type: 'logarithmic',
    min,
    max,
    afterBuildTicks: at(logTicks(min, max, mostTicks)),
    ...rest,
  };
}

const fixWidth = (scale: { width: number }) => {
  scale.width = axisWidth;
};

export function extent(values: readonly number[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

function shorten(label: string): string {
  return label.length > 18 ? `${label.slice(0, 17)}…` : label;
}

/** A metric over the steps of training. */
export function stepScales(
  metric: string,
  points: readonly { readonly x: number; readonly y: number }[],
  theme: ChartTheme,
): { x: Scale; y: Scale } {
  const steps = { name: 'step', kind: 'linear', categories: [] } as const;
  return {
    x: parameterScale(
      steps,
      points.map(({ x }) => x),
      { theme, title: 'step' },
    ),
    y: metricScale(
      metric,
      points.map(({ y }) => y),
      { theme, title: '', at: 'y' },
    ),
  };
}
