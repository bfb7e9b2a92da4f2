import { useMemo } from 'preact/hooks';
import type { Trial } from '../../../sweep/trial.js';
import type { RankedResult } from '../../../sweep/objective.js';
import { firstTrial } from '../../ranking.js';
import type { TradeOff } from '../data/trade-off.js';
import { Chart, type ChartPoint, type ScatterDataset } from './chart.js';
import { describeTrial } from './describe-trial.js';
import type { HoveredTrial } from './hovered-trial.js';
import { chartOptions } from './options.js';
import { lineDataset, overhang } from './point-styles.js';
import { metricScale } from './scales.js';
import { faded, useChartTheme, type ChartTheme } from './theme.js';

interface TradeOffChartProps {
  readonly tradeOff: TradeOff;
  readonly trials: ReadonlyMap<number, Trial>;
  readonly hovered: HoveredTrial;
  readonly onOpen: (trial: number) => void;
}

/** Two metrics against each other; the front as the staircase of what can be had. */
export function TradeOffChart({ tradeOff, trials, hovered, onOpen }: TradeOffChartProps) {
  const { x, y, front, others } = tradeOff;
  const theme = useChartTheme();
  const { datasets, options } = useMemo(() => {
    const at = (result: RankedResult): ChartPoint => ({
      x: result.metrics[x.metric]?.mean ?? NaN,
      y: result.metrics[y.metric]?.mean ?? NaN,
      trial: firstTrial(result),
    });
    const frontPoints = front.map(at);
    const otherPoints = others.map(at);
    const all = [...frontPoints, ...otherPoints];
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
        ({ trial }) => describeTrial(trials.get(trial ?? -1), [y.metric, x.metric]),
      ),
    };
  }, [tradeOff, theme]);
  return (
    <figure class="trade-off-chart">
      <Chart
        {...{ datasets, options, hovered, onOpen }}
        label={`${y.metric} against ${x.metric}: ${front.length} of ${front.length + others.length} configurations on the Pareto front`}
      />
    </figure>
  );
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
