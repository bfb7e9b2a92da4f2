import { useMemo } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { Chart, type ChartPoint, type ScatterDataset, type ScatterOptions } from './chart.js';
import type { HoveredTrial } from './hovered-trial.js';
import { chartOptions } from './options.js';
import type { ChartTheme } from './theme.js';
import { useChartTheme } from './theme.js';

interface LineChartProps {
  readonly title: string;
  readonly label: string;
  /** What the chart is made of; made anew when `data` or the theme changes. */
  readonly draw: (theme: ChartTheme) => {
    readonly datasets: ScatterDataset[];
    readonly scales: NonNullable<ScatterOptions['scales']>;
  };
  readonly describe: (point: ChartPoint) => readonly string[];
  readonly data: unknown;
  readonly class?: string;
  readonly hovered?: HoveredTrial;
  readonly onOpen?: (trial: number) => void;
  /** Tools beside the title. */
  readonly children?: ComponentChildren;
}

/** A figure with a title and a chart of lines and points. */
export function LineChart(props: LineChartProps) {
  const { title, label, draw, describe, data, hovered, onOpen, children } = props;
  const theme = useChartTheme();
  const { datasets, options } = useMemo(() => {
    const { datasets, scales } = draw(theme);
    return { datasets, options: chartOptions(theme, scales, describe) };
  }, [data, theme]);
  return (
    <figure class={props.class ?? 'line-chart'}>
      <figcaption>
        {title}
        {children}
      </figcaption>
      <Chart {...{ datasets, options, label }} {...(hovered && { hovered })} {...(onOpen && { onOpen })} />
    </figure>
  );
}
