import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { FrontAnswer, RankedConfiguration } from '../../api/charts.js';
import { besideKey } from '../data/beside.js';
import { SentTrials, type ChartTrial } from '../data/points.js';
import { Chart, type ChartPoint, type ScatterDataset } from './chart.js';
import { describeTrial } from './describe-trial.js';
import type { HoveredTrial } from './hovered-trial.js';
import { chartOptions } from './options.js';
import { besideColour, besideDataset, brokenLineDataset, lineDataset, overhang } from './point-styles.js';
import { PngButton } from '../views/downloads.js';
import { colourOf } from './metric-charts.js';
import { ramp } from './ramp.js';
import { extent, metricScale } from './scales.js';
import { faded, useChartTheme, type ChartTheme } from './theme.js';

interface TradeOffChartProps {
  readonly answer: FrontAnswer;
  /** Column that colours the points. */
  readonly colour?: string | undefined;
  /** Those that name one of the metrics alone are drawn. */
  readonly limits?: readonly string[];
  /** The same of another sweep. */
  readonly beside?: { readonly name: string; readonly answer: FrontAnswer } | undefined;
  readonly hovered: HoveredTrial;
  readonly onOpen: (trial: number) => void;
  readonly children?: ComponentChildren;
}

/** Two metrics against each other; the front as the staircase of what can be had. */
export function TradeOffChart({
  answer,
  colour,
  limits,
  beside,
  hovered,
  onOpen,
  children,
}: TradeOffChartProps) {
  const { x, y, front, others, total } = answer;
  const theme = useChartTheme();
  const { datasets, options } = useMemo(() => {
    const frontPoints = front.map((each) => frontPoint(each, x.metric, y.metric));
    const otherPoints = others.numbers.map((trial, index): ChartPoint => ({
      x: others.x[index] ?? NaN,
      y: others.y[index] ?? NaN,
      trial,
    }));
    const theirs = beside && besidePoints(beside.answer);
    const all = [...frontPoints, ...otherPoints, ...(theirs?.points ?? [])];
    const sent = new SentTrials(others.numbers, undefined, answer.columns);
    const onFront = new Map(
      [...front.map(frontTrial), ...(theirs?.trials ?? [])].map((each) => [each.number, each]),
    );
    // Between two points of the front, one gets what the cheaper of them gives.
    const stepped = x.direction === 'minimize' ? 'before' : 'after';
    const line = frontPoints.map(({ x, y }) => ({ x, y }));
    return {
      datasets: [
        ...(theirs
          ? [
              brokenLineDataset(theirs.front, besideColour(theme), stepped),
              besideDataset(theirs.points, besideColour(theme)),
            ]
          : []),
        otherDataset(otherPoints, coloursOf(answer, colour, theme), theme),
        ...limitLines(limits ?? [], x.metric, y.metric, all, theme),
        lineDataset(line, theme.front, stepped),
        frontDataset(frontPoints, theme),
      ],
      options: chartOptions(
        theme,
        {
          x: metricScale(
            x.metric,
            all.map((point) => point.x),
            { theme, title: x.metric, at: 'x' },
          ),
          y: metricScale(
            y.metric,
            all.map((point) => point.y),
            { theme, title: '', at: 'y' },
          ),
        },
        (point) => {
          const trial = onFront.get(point.trial ?? NaN) ?? sent.get(point.trial ?? NaN);
          const metrics = { ...trial?.metrics, [x.metric]: point.x, [y.metric]: point.y };
          return describeTrial(trial && { ...trial, metrics }, [y.metric, x.metric], beside?.name);
        },
      ),
    };
  }, [answer, colour, beside, theme]);
  return (
    <figure class="trade-off-chart" data-total={total} data-beside={beside?.answer.total}>
      <figcaption>
        <PngButton name={`${y.metric}-against-${x.metric}`} />
        {children}
      </figcaption>
      <Chart
        {...{ datasets, options, hovered, onOpen }}
        label={`${y.metric} against ${x.metric}: ${front.length} of ${total} configurations on the Pareto front${beside ? `, ${beside.answer.total} of ${beside.name} beside` : ''}`}
      />
    </figure>
  );
}

function frontPoint({ metrics, trials }: RankedConfiguration, x: string, y: string): ChartPoint {
  return { x: metrics[x]?.mean ?? NaN, y: metrics[y]?.mean ?? NaN, trial: trials[0] ?? -1 };
}

function frontTrial({ trials, parameters }: RankedConfiguration): ChartTrial {
  return { number: trials[0] ?? -1, state: 'completed', parameters, metrics: {} };
}

/** Another sweep's configurations: all as points, its front as a line. */
function besidePoints({ x, y, front, others, columns }: FrontAnswer) {
  const numbers = others.numbers.map(besideKey);
  const sent = new SentTrials(numbers, undefined, columns);
  const line = front.map((each) => frontPoint(each, x.metric, y.metric));
  const points = [
    ...line.map((point) => ({ ...point, trial: besideKey(point.trial ?? 0) })),
    ...numbers.map((trial, index): ChartPoint => ({
      x: others.x[index] ?? NaN,
      y: others.y[index] ?? NaN,
      trial,
    })),
  ];
  const trials = [
    ...front.map((each) => ({ ...frontTrial(each), number: besideKey(each.trials[0] ?? 0) })),
    ...numbers.flatMap((number) => sent.get(number) ?? []),
  ];
  return { points, trials, front: line.map(({ x, y }) => ({ x, y })) };
}

/** A colour for each of the others: of the ramp for numbers, of the series for names. Hollow: beyond a limit. */
function coloursOf(answer: FrontAnswer, colour: string | undefined, theme: ChartTheme): string[] | undefined {
  const column = colour === undefined ? undefined : answer.columns[colour];
  if (!column) return undefined;
  if (column.categories) {
    return column.values.map((code) => (code === null ? theme.line : colourOf(theme, code)));
  }
  const values = column.values.filter((value) => value !== null);
  const [low, high] = extent(values);
  return column.values.map((value) =>
    value === null ? theme.line : ramp(high > low ? (value - low) / (high - low) : 1),
  );
}

/** `memory <= 8192` as a line; what compares more than a metric with a number has none. */
function limitLines(
  limits: readonly string[],
  x: string,
  y: string,
  points: readonly ChartPoint[],
  theme: ChartTheme,
): ScatterDataset[] {
  return limits.flatMap((limit) => {
    const [, name, bound] = /^\s*(\w+)\s*[<>]=?\s*([\d.e+-]+)\s*$/i.exec(limit) ?? [];
    const value = Number(bound);
    if (bound === undefined || !Number.isFinite(value) || (name !== x && name !== y)) return [];
    const [low, high] = extent(points.map((point) => (name === x ? point.y : point.x)));
    const data = [low, high].map((other) => (name === x ? { x: value, y: other } : { x: other, y: value }));
    return [{ ...lineDataset(data, theme.muted), borderDash: [6, 4], borderWidth: 1.5 }];
  });
}

function otherDataset(data: ChartPoint[], colours: string[] | undefined, theme: ChartTheme): ScatterDataset {
  const many = data.length > 300;
  return {
    data,
    clip: overhang,
    pointRadius: many ? 2 : 3.5,
    pointHoverRadius: many ? 5 : 6,
    pointBackgroundColor: colours ?? faded(theme.muted, many ? 0.35 : 0.5),
    pointHoverBackgroundColor: theme.muted,
    pointBorderWidth: 0,
  };
}

function frontDataset(data: ChartPoint[], theme: ChartTheme): ScatterDataset {
  return {
    data,
    clip: overhang,
    pointRadius: 5,
    pointHoverRadius: 7,
    pointBackgroundColor: theme.front,
    pointHoverBackgroundColor: theme.front,
    pointBorderColor: theme.surface,
    pointBorderWidth: 1.5,
  };
}
