import { useMemo } from 'preact/hooks';
import { trialNumberAxis, type Axis } from '../data/axis.js';
import { metricSeries, type Placement, type Series } from '../data/metric-series.js';
import type { Trial } from '../../../sweep/trial.js';
import { Chart, type ChartPoint } from './chart.js';
import { describeTrial } from './describe-trial.js';
import type { HoveredTrial } from './hovered-trial.js';
import { chartOptions } from './options.js';
import { lineDataset, pointDataset } from './point-styles.js';
import { metricScale, parameterScale } from './scales.js';
import { useChartTheme, type ChartTheme } from './theme.js';

interface MetricChartsProps {
  readonly placement: Placement;
  readonly metrics: readonly string[];
  readonly trials: ReadonlyMap<number, Trial>;
  readonly hovered: HoveredTrial;
  readonly onOpen: (trial: number) => void;
}

/** Metrics under each other over the same parameter: labels of the x axis stand under the last. */
export function MetricCharts({ placement, metrics, trials, hovered, onOpen }: MetricChartsProps) {
  const theme = useChartTheme();
  return (
    <>
      {metrics.map((metric, index) => (
        <MetricChart
          key={metric}
          metric={metric}
          last={index === metrics.length - 1}
          {...{ placement, trials, theme, hovered, onOpen }}
        />
      ))}
    </>
  );
}

interface MetricChartProps extends Omit<MetricChartsProps, 'metrics'> {
  readonly metric: string;
  readonly last: boolean;
  readonly theme: ChartTheme;
}

function MetricChart({ metric, last, placement, trials, theme, hovered, onOpen }: MetricChartProps) {
  const { axis } = placement;
  const { datasets, options, n } = useMemo(() => {
    const series = metricSeries(placement, metric);
    const all = series.flatMap(({ points }) => Object.values(points).flat());
    const many = all.length > manyPoints;
    const xTitle = axisTitle(axis);
    return {
      n: all.length,
      datasets: series.flatMap((group, index) => seriesDatasets(group, colourOf(theme, index), theme, many)),
      options: chartOptions(
        theme,
        {
          x: parameterScale(axis, positionsOf(placement), { theme, title: xTitle, showLabels: last }),
          y: metricScale(
            metric,
            all.map(({ y }) => y),
            { theme, title: '', at: 'y' },
          ),
        },
        ({ trial }) => describeTrial(trials.get(trial ?? -1), [metric]),
      ),
    };
  }, [placement, metric, last, theme]);
  return (
    <figure class={last ? 'metric-chart last' : 'metric-chart'} data-metric={metric} data-points={n}>
      <figcaption>{metric}</figcaption>
      <Chart
        {...{ datasets, options, hovered, onOpen }}
        label={`${metric} against ${axisTitle(axis)}: ${n} trials`}
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

export function axisTitle(axis: Axis): string {
  if (axis.name === trialNumberAxis) return 'trial number';
  return axis.kind === 'log' ? `${axis.name}, logarithmic` : axis.name;
}

function seriesDatasets({ points, means }: Series, colour: string, theme: ChartTheme, many: boolean) {
  const kinds = (['pruned', 'running', 'completed'] as const).filter((kind) => points[kind].length > 0);
  return [
    ...kinds.map((kind) => pointDataset(kind, points[kind] as readonly ChartPoint[], colour, theme, many)),
    ...(means.length > 1 ? [lineDataset(means, colour)] : []),
  ];
}

function positionsOf({ groups }: Placement): number[] {
  return groups.flatMap(({ members }) => members.map(({ x }) => x));
}
