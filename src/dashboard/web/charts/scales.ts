import type { Axis } from '../data/axis.js';
import { formatMetric } from '../data/format.js';
import { unitOf } from '../data/metrics.js';
import { logTicks, niceStep } from '../data/ticks.js';
import { formatNumber } from '../../../sweep/units.js';
import type { ScatterOptions } from './chart.js';
import type { ChartTheme } from './theme.js';

type Scale = NonNullable<NonNullable<ScatterOptions['scales']>[string]>;

/** Values over more than this many times the smallest are told apart on a logarithmic axis only. */
const widestLinear = 500;
/** Room left of every chart for its labels: the same, so that charts under each other have their points aligned. */
export const axisWidth = 64;

export const tickFont = { size: 11 };

interface ScaleInput {
  readonly theme: ChartTheme;
  readonly title: string;
  readonly showLabels?: boolean;
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
  const { theme, at } = input;
  const [low, high] = extent(values);
  const log = low > 0 && high / low > widestLinear;
  const title = log && input.title ? `${input.title}, logarithmic` : input.title;
  const ticks = {
    color: theme.muted,
    font: tickFont,
    padding: 6,
    maxRotation: 0,
    callback: (value: string | number) => formatMetric(metric, Number(value)),
  };
  const common = { ...frame({ ...input, title }), ...(at === 'y' && { afterFit: fixWidth }) };
  const pieces = at === 'y' ? 4 : 6;
  if (log) return logScale(low, high, pieces + 1, { ...common, ticks });
  const range = high > low ? high - low : Math.abs(high) || 1;
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
    return logScale(low, high, 9, { ...frame(input), ticks });
  }
  if (axis.kind === 'category') {
    return {
      type: 'linear',
      ...frame(input),
      min: -0.5,
      max: axis.categories.length - 0.5,
      afterBuildTicks: (scale: { ticks: { value: number }[] }) => {
        scale.ticks = axis.categories.map((_, value) => ({ value }));
      },
      ticks: {
        ...ticks,
        autoSkip: true,
        maxRotation: 40,
        callback: (value: string | number) => shorten(axis.categories[Number(value)] ?? ''),
      },
    };
  }
  const step = niceStep(high > low ? high - low : 1, 10, 'number');
  const whole = values.every(Number.isInteger);
  return {
    type: 'linear',
    ...frame(input),
    suggestedMin: low - step / 4,
    suggestedMax: high + step / 4,
    bounds: 'data',
    grace: 0,
    ticks: { ...ticks, includeBounds: false, stepSize: whole ? Math.max(1, Math.round(step)) : step },
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
    afterBuildTicks: (scale: { ticks: { value: number }[] }) => {
      scale.ticks = logTicks(min, max, mostTicks).map((value) => ({ value }));
    },
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
