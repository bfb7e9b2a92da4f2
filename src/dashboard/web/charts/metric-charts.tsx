import { useEffect, useMemo, useState } from 'preact/hooks';
import type { PointsAnswer, SlicesAnswer } from '../../api/charts.js';
import type { ParameterValue } from '../../../sweep/parameter.js';
import { axisColumn, axisOf, trialNumberAxis, type Axis } from '../data/axis.js';
import type { BesideResults } from '../data/beside.js';
import { metricSeries, SentTrials, type Point, type Series, type TrialLookup } from '../data/points.js';
import { PngButton } from '../views/downloads.js';
import { Chart, type ChartPoint, type ScatterDataset } from './chart.js';
import { describeTrial } from './describe-trial.js';
import type { HoveredTrial } from './hovered-trial.js';
import { chartOptions } from './options.js';
import { besideColour, besideDataset, brokenLineDataset, lineDataset, pointDataset } from './point-styles.js';
import { metricScale, parameterScale } from './scales.js';
import { faded, useChartTheme, type ChartTheme } from './theme.js';

export interface MetricChartsProps {
  readonly answer: PointsAnswer;
  readonly slices: SlicesAnswer | undefined;
  /** Name of the axis. */
  readonly x: string;
  readonly colour: { readonly name: string; readonly values: readonly ParameterValue[] } | undefined;
  /** No other parameter varies. */
  readonly alone: boolean;
  readonly metrics: readonly string[];
  /** Of another sweep, in the terms of this one. */
  readonly beside?: BesideResults | undefined;
  readonly hovered: HoveredTrial;
  readonly onOpen: (trial: number) => void;
}

/** Metrics under each other over the same parameter: labels of the x axis stand under the last. */
export function MetricCharts({ metrics, ...rest }: MetricChartsProps) {
  const theme = useChartTheme();
  const { answer, beside } = rest;
  const trials = useMemo(() => lookup(answer, beside), [answer, beside]);
  const drawn = useTurns(metrics.length);
  return (
    <>
      {metrics.map((metric, index) =>
        index < drawn ? (
          <MetricChart
            key={metric}
            metric={metric}
            last={index === metrics.length - 1}
            {...{ ...rest, trials, theme }}
          />
        ) : (
          <div key={metric} class="ghost chart" />
        ),
      )}
    </>
  );
}

/** How many charts may be there. When the page opens the first one is seen before the next is made. */
function useTurns(n: number): number {
  const [turns, setTurns] = useState(1);
  const [allAtFirst] = useState(n);
  const isOpen = turns >= allAtFirst;
  useEffect(() => {
    if (isOpen) return;
    // After the next picture.
    const frame = requestAnimationFrame(() => setTimeout(() => setTurns(turns + 1)));
    return () => cancelAnimationFrame(frame);
  }, [turns, isOpen]);
  return isOpen ? n : turns;
}

/** Ours and those beside: the numbers of the latter are below zero. */
function lookup(answer: PointsAnswer, beside: BesideResults | undefined): TrialLookup {
  const [own, theirs] = [answer, beside?.points].map(
    (sent) => sent && new SentTrials(sent.numbers, sent.states, sent.columns),
  );
  return { get: (number) => own?.get(number) ?? theirs?.get(number) };
}

interface MetricChartProps extends Omit<MetricChartsProps, 'metrics'> {
  readonly metric: string;
  readonly last: boolean;
  readonly trials: TrialLookup;
  readonly theme: ChartTheme;
}

function MetricChart(props: MetricChartProps) {
  const { metric, last, answer, slices, x, colour, alone, beside, trials, theme, hovered, onOpen } = props;
  const axis = axisOf(x, answer.columns[axisColumn(x)]);
  const { datasets, options, n, nBeside } = useMemo(() => {
    const column = axisColumn(x);
    const series = metricSeries(answer, slices, column, metric, colour, alone);
    const own = series.flatMap(pointsOf);
    const many = own.length > manyPoints;
    const others = beside
      ? metricSeries(beside.points, beside.slices, column, metric, colour, beside.alone)
      : [];
    const theirs = others.flatMap(pointsOf);
    const all = [...own, ...theirs];
    const xs = [answer, beside?.points]
      .flatMap((sent) => sent?.columns[column]?.values ?? [])
      .filter(isNumber);
    const known = colour?.values.length ?? 0;
    return {
      n: own.length,
      nBeside: theirs.length,
      datasets: [
        ...others.flatMap((group, index) =>
          besideDatasets(group, colour && index < known ? colourOf(theme, index) : besideColour(theme)),
        ),
        ...series.flatMap((group, index) => seriesDatasets(group, colourOf(theme, index), theme, many)),
      ],
      options: chartOptions(
        theme,
        {
          x: parameterScale(axis, xs, { theme, title: axisTitle(axis), showLabels: last }),
          y: metricScale(
            metric,
            all.map(({ y }) => y),
            { theme, title: '', at: 'y' },
          ),
        },
        ({ trial = NaN }) => describeTrial(trials.get(trial), [metric], beside?.name),
      ),
    };
  }, [answer, slices, x, colour, metric, last, beside, theme]);
  return (
    <figure
      class={last ? 'metric-chart last' : 'metric-chart'}
      data-metric={metric}
      data-points={n}
      data-total={answer.total}
      data-beside={beside && nBeside}
    >
      <figcaption>
        {metric}
        <PngButton name={`${metric}-against-${x}`} />
      </figcaption>
      <Chart
        {...{ datasets, options, hovered, onOpen }}
        label={`${metric} against ${axisTitle(axis)}: ${n} trials${beside ? `, ${nBeside} of ${beside.name} beside` : ''}`}
      />
      {n === 0 && <p class="no-points">No trial has reported {metric} yet</p>}
    </figure>
  );
}

/** More points than this are drawn small. */
const manyPoints = 300;

export function colourOf(theme: ChartTheme, index: number): string {
  return theme.series[index % theme.series.length] ?? theme.accent;
}

function axisTitle(axis: Axis): string {
  if (axis.name === trialNumberAxis) return 'trial number';
  return axis.kind === 'log' ? `${axis.name}, logarithmic` : axis.name;
}

const isNumber = (value: number | null): value is number => value !== null;

function pointsOf({ points }: Series): Point[] {
  return Object.values(points).flat();
}

/** Another sweep's results: triangles, and their means as a broken line. */
function besideDatasets({ points, means, replicates }: Series, colour: string): ScatterDataset[] {
  const data = [...points.completed, ...points.pruned, ...points.running];
  return [
    ...(data.length > 0 ? [besideDataset(data, colour)] : []),
    ...(means.length > 1 ? [brokenLineDataset(means, colour)] : []),
    ...(replicates.length > 0 && data.length <= manyPoints ? [errorBars(replicates, colour)] : []),
  ];
}

function seriesDatasets(
  { points, means, replicates }: Series,
  colour: string,
  theme: ChartTheme,
  many: boolean,
) {
  const kinds = (['pruned', 'running', 'completed'] as const).filter((kind) => points[kind].length > 0);
  return [
    ...kinds.map((kind) => pointDataset(kind, points[kind] as readonly ChartPoint[], colour, theme, many)),
    ...(means.length > 1 ? [lineDataset(means, colour)] : []),
    ...(replicates.length > 0 && !many ? [errorBars(replicates, colour)] : []),
  ];
}

/** A standard deviation up and down from each mean: one line with gaps. */
function errorBars(means: Series['replicates'], colour: string): ScatterDataset {
  const data = means.flatMap(({ x, y, spread = 0 }) => [
    { x, y: y - spread },
    { x, y: y + spread },
    { x, y: NaN },
  ]);
  return { ...lineDataset(data, faded(colour, 0.6)), borderWidth: 1.5, spanGaps: false };
}
