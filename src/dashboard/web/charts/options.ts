import type { TooltipItem } from 'chart.js';
import type { ChartPoint, ScatterOptions } from './chart.js';
import { faded, type ChartTheme } from './theme.js';

/** What all charts have in common. `describe` says what a point is: a title, then a line each. */
export function chartOptions(
  theme: ChartTheme,
  scales: NonNullable<ScatterOptions['scales']>,
  describe: (point: ChartPoint) => readonly string[],
): ScatterOptions {
  const lines = (item: TooltipItem<'scatter'>) => [...describe(item.raw as ChartPoint)];
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    layout: { padding: { top: 4, right: 10, bottom: 0, left: 0 } },
    interaction: { mode: 'nearestTrial' },
    scales,
    plugins: {
      tooltip: {
        displayColors: false,
        backgroundColor: faded(theme.text, 0.94),
        titleColor: theme.surface,
        bodyColor: theme.surface,
        titleFont: { size: 12, weight: 'bold' },
        bodyFont: { size: 12 },
        padding: 9,
        cornerRadius: 5,
        caretSize: 4,
        callbacks: {
          title: ([item]) => (item && lines(item)[0]) ?? '',
          label: (item) => lines(item).slice(1),
        },
      },
    },
  };
}
