import { useMemo } from 'preact/hooks';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';
import type { BestHistory } from '../data/best-so-far.js';
import { formatMetric } from '../data/format.js';
import { Chart } from './chart.js';
import { describeTrial } from './describe-trial.js';
import type { HoveredTrial } from './hovered-trial.js';
import { chartOptions } from './options.js';
import { lineDataset, overhang } from './point-styles.js';
import { metricScale, parameterScale } from './scales.js';
import { faded, useChartTheme } from './theme.js';

interface BestChartProps {
  readonly definition: SweepDefinition;
  readonly metric: string;
  readonly history: BestHistory;
  readonly trials: ReadonlyMap<number, Trial>;
  readonly hovered: HoveredTrial;
  readonly onOpen: (trial: number) => void;
}

const finishedOrder = { name: '#', kind: 'linear', categories: [], position: () => undefined } as const;

/** The primary objective of every finished trial, in the order in which they finished, and the best so far. */
export function BestChart({ metric, history, trials, hovered, onOpen }: BestChartProps) {
  const theme = useChartTheme();
  const { points, steps } = history;
  const { datasets, options } = useMemo(() => {
    const radius = points.length > 300 ? 1.5 : 2.5;
    return {
      datasets: [
        lineDataset(steps, theme.accent, 'before'),
        {
          data: [...points],
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
          x: parameterScale(
            finishedOrder,
            points.map(({ x }) => x),
            { theme, title: 'trials, in the order they completed' },
          ),
          y: metricScale(
            metric,
            [...points, ...steps].map(({ y }) => y),
            { theme, title: '', at: 'y' },
          ),
        },
        ({ trial }) => describeTrial(trials.get(trial ?? -1), [metric]),
      ),
    };
  }, [history, metric, theme]);
  const best = steps.at(-1)?.y;
  return (
    <figure class="best-chart" data-best={best ?? ''}>
      <figcaption>best {metric} so far</figcaption>
      <Chart
        {...{ datasets, options, hovered, onOpen }}
        label={`Best ${metric} so far, over ${points.length} completed trials: ${formatMetric(metric, best)}`}
      />
    </figure>
  );
}
