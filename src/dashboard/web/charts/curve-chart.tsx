import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { TrialDetail } from '../../api.js';
import { formatMetric } from '../data/format.js';
import { Chart, type ChartPoint } from './chart.js';
import { chartOptions } from './options.js';
import { colourOf } from './metric-charts.js';
import { brokenLineDataset, overhang } from './point-styles.js';
import { stepScales } from './scales.js';
import { useChartTheme } from './theme.js';

const none: TrialDetail['reports'] = [];

/** One metric of one trial over its steps; a line for each attempt, and a broken one for what it goes on from. */
export function CurveChart({
  metric,
  reports,
  before = none,
  children,
}: {
  metric: string;
  /** Of the trials whose checkpoints led to it. */
  before?: TrialDetail['reports'] | undefined;
  children?: ComponentChildren;
} & Pick<TrialDetail, 'reports'>) {
  const theme = useChartTheme();
  const { datasets, options, n } = useMemo(() => {
    const byAttempt = new Map<number, ChartPoint[]>();
    for (const { attempt, step, metrics } of reports) {
      const y = metrics[metric];
      if (y === undefined) continue;
      const points = byAttempt.get(attempt) ?? [];
      byAttempt.set(attempt, points);
      // The tooltip needs a point that counts as one: the attempt stands where the trial does elsewhere.
      points.push({ x: step, y, trial: attempt });
    }
    const lines = [...byAttempt.values()];
    const earlier = before.flatMap(({ step, metrics }): ChartPoint[] => {
      const y = metrics[metric];
      return y === undefined ? [] : [{ x: step, y }];
    });
    const own = lines.flat();
    const all = [...earlier, ...own];
    const radius = own.length > 60 ? 0 : 2.5;
    // Joined with where it goes on.
    const broken = own[0] ? [...earlier, { x: own[0].x, y: own[0].y }] : earlier;
    return {
      n: own.length,
      datasets: [
        ...(earlier.length > 0 ? [brokenLineDataset(broken, theme.muted)] : []),
        ...lines.map((data, index) => ({
          data,
          showLine: true,
          clip: overhang,
          borderColor: colourOf(theme, index),
          borderWidth: 2,
          pointRadius: radius,
          pointHoverRadius: 4,
          pointBackgroundColor: colourOf(theme, index),
          pointBorderWidth: 0,
        })),
      ],
      options: chartOptions(theme, stepScales(metric, all, theme), ({ x, y, trial }) => [
        `step ${x}`,
        `${metric}  ${formatMetric(metric, y)}`,
        ...(lines.length > 1 ? [`attempt ${trial}`] : []),
      ]),
    };
  }, [metric, reports, before, theme]);
  return (
    <figure class="curve-chart" data-points={n}>
      <figcaption>{children}</figcaption>
      <Chart datasets={datasets} options={options} label={`${metric} over ${n} reports`} />
    </figure>
  );
}
