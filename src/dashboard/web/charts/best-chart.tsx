import { useMemo } from 'preact/hooks';
import type { HistoryAnswer } from '../../api/charts.js';
import { formatMetric } from '../data/format.js';
import { formatDuration } from '../../../sweep/units.js';
import { PngButton } from '../views/downloads.js';
import { Chart, type ChartPoint } from './chart.js';
import type { HoveredTrial } from './hovered-trial.js';
import { chartOptions } from './options.js';
import { lineDataset, overhang } from './point-styles.js';
import { durationScale, metricScale, parameterScale } from './scales.js';
import { faded, useChartTheme } from './theme.js';

interface BestChartProps {
  readonly history: HistoryAnswer;
  /** Over the trials in the order in which they completed, or over the time since the first one started. */
  readonly over: 'trials' | 'time';
  readonly hovered: HoveredTrial;
  readonly onOpen: (trial: number) => void;
}

const finishedOrder = { name: '#', kind: 'linear', categories: [] } as const;

/** The primary objective of finished trials, in the order in which they finished, and the best so far. */
export function BestChart({ history, over, hovered, onOpen }: BestChartProps) {
  const theme = useChartTheme();
  const { metric, improvements, completed } = history;
  const { datasets, options } = useMemo(() => {
    const { points, steps } = historyPoints(history, over);
    const radius = points.length > 300 ? 1.5 : 2.5;
    const xs = points.map(({ x }) => x);
    return {
      datasets: [
        lineDataset(steps, theme.accent, 'before'),
        {
          data: points,
          clip: overhang,
          pointRadius: radius,
          pointHoverRadius: radius + 3,
          pointHoverBackgroundColor: theme.accent,
          pointBackgroundColor: faded(theme.muted, 0.6),
          pointBorderWidth: 0,
        },
      ],
      options: chartOptions(
        theme,
        {
          x:
            over === 'time'
              ? durationScale(xs, { theme, title: 'since the first trial started' })
              : parameterScale(finishedOrder, xs, { theme, title: 'trials, in the order they completed' }),
          y: metricScale(
            metric,
            [...points, ...steps].map(({ y }) => y),
            { theme, title: '', at: 'y' },
          ),
        },
        ({ x, y, trial }) => [
          `Trial ${trial}`,
          `${metric}  ${formatMetric(metric, y)}`,
          over === 'time' ? `after ${formatDuration(x)}` : `${x}. to complete`,
        ],
      ),
    };
  }, [history, over, theme]);
  const best = improvements.at(-1)?.value;
  return (
    <figure class="best-chart" data-best={best ?? ''} data-completed={completed}>
      <figcaption>
        best {metric} so far
        <PngButton name={`best-${metric}`} />
      </figcaption>
      <Chart
        {...{ datasets, options, hovered, onOpen }}
        label={`Best ${metric} so far, over ${completed} completed trials: ${formatMetric(metric, best)}`}
      />
    </figure>
  );
}

/** The points, and the best so far as steps that end where the last trial does. */
export function historyPoints(history: HistoryAnswer, over: 'trials' | 'time') {
  const { improvements, points, completed, began = 0, ended = 0 } = history;
  const since = (at: number) => (at - began) / 1000;
  const steps: ChartPoint[] = improvements.map(({ completed, at, value }) => ({
    x: over === 'time' ? since(at) : completed,
    y: value,
  }));
  const last = steps.at(-1);
  const end = over === 'time' ? since(ended) : completed;
  if (last && last.x < end) steps.push({ x: end, y: last.y });
  return {
    steps,
    points: points.numbers.map((trial, index): ChartPoint => ({
      x: over === 'time' ? since(points.at[index] ?? 0) : (points.completed[index] ?? 0),
      y: points.values[index] ?? NaN,
      trial,
    })),
  };
}
