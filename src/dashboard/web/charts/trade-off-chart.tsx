import { useMemo } from 'preact/hooks';
import type { FrontAnswer, RankedConfiguration } from '../../api/charts.js';
import { SentTrials, type ChartTrial } from '../data/points.js';
import { Chart, type ChartPoint, type ScatterDataset } from './chart.js';
import { describeTrial } from './describe-trial.js';
import type { HoveredTrial } from './hovered-trial.js';
import { chartOptions } from './options.js';
import { lineDataset, overhang } from './point-styles.js';
import { metricScale } from './scales.js';
import { faded, useChartTheme, type ChartTheme } from './theme.js';

interface TradeOffChartProps {
  readonly answer: FrontAnswer;
  readonly hovered: HoveredTrial;
  readonly onOpen: (trial: number) => void;
}

/** Two metrics against each other; the front as the staircase of what can be had. */
export function TradeOffChart({ answer, hovered, onOpen }: TradeOffChartProps) {
  const { x, y, front, others, total } = answer;
  const theme = useChartTheme();
  const { datasets, options } = useMemo(() => {
    const frontPoints = front.map((each) => frontPoint(each, x.metric, y.metric));
    const otherPoints = others.numbers.map((trial, index): ChartPoint => ({
      x: others.x[index] ?? NaN,
      y: others.y[index] ?? NaN,
      trial,
    }));
    const all = [...frontPoints, ...otherPoints];
    const sent = new SentTrials(others.numbers, undefined, answer.columns);
    const onFront = new Map(front.map((each) => [each.trials[0] ?? -1, frontTrial(each)]));
    // Between two points of the front, one gets what the cheaper of them gives.
    const stepped = x.direction === 'minimize' ? 'before' : 'after';
    const line = frontPoints.map(({ x, y }) => ({ x, y }));
    return {
      datasets: [
        otherDataset(otherPoints, theme),
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
          const trial = onFront.get(point.trial ?? -1) ?? sent.get(point.trial ?? -1);
          const metrics = { ...trial?.metrics, [x.metric]: point.x, [y.metric]: point.y };
          return describeTrial(trial && { ...trial, metrics }, [y.metric, x.metric]);
        },
      ),
    };
  }, [answer, theme]);
  return (
    <figure class="trade-off-chart" data-total={total}>
      <Chart
        {...{ datasets, options, hovered, onOpen }}
        label={`${y.metric} against ${x.metric}: ${front.length} of ${total} configurations on the Pareto front`}
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

function otherDataset(data: ChartPoint[], theme: ChartTheme): ScatterDataset {
  const many = data.length > 300;
  return {
    data,
    clip: overhang,
    pointRadius: many ? 2 : 3.5,
    pointHoverRadius: many ? 5 : 6,
    pointBackgroundColor: faded(theme.muted, many ? 0.35 : 0.5),
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
