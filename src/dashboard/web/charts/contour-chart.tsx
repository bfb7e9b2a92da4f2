import type { GridAnswer } from '../../api/views.js';
import type { Direction } from '../../../sweep/sweep-definition.js';
import { count, formatMetric, formatParameter } from '../data/format.js';
import { CsvButton, PngButton } from '../views/downloads.js';
import { edgeTicks } from '../data/ticks.js';
import { ramp } from './ramp.js';
import { useChartTheme } from './theme.js';
import { useNarrow } from './use-narrow.js';

type Grid = NonNullable<GridAnswer['grid']>;

interface ContourChartProps {
  readonly grid: Grid;
  readonly x: string;
  readonly y: string;
  readonly metric: string;
  readonly direction: Direction;
}

const height = 420;
const bottom = 46;
const top = 10;

/** Means over two parameters as a map of cells; what nobody has tried is left empty. */
export function ContourChart({ grid, x, y, metric, direction }: ContourChartProps) {
  const theme = useChartTheme();
  const [width, left, right] = useNarrow() ? [480, 74, 96] : [900, 96, 110];
  const values = grid.means.flat().filter((mean) => mean !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const shade = (mean: number) => (high > low ? (mean - low) / (high - low) : 1);
  const better = (mean: number) => (direction === 'minimize' ? 1 - shade(mean) : shade(mean));
  const columns = grid.means[0]?.length ?? 1;
  const lines = grid.means.length;
  const cellWidth = (width - left - right) / columns;
  const cellHeight = (height - top - bottom) / lines;
  const text = { fill: theme.muted, 'font-size': 12, 'font-family': 'system-ui, sans-serif' };
  return (
    <figure class="contour-chart" data-cells={values.length}>
      <figcaption>
        mean of {metric}
        <PngButton name={`${metric}-${x}-${y}`} />
        <CsvButton name={`${metric}-${x}-${y}`} rows={() => csvOf(grid, x, y, metric)} />
      </figcaption>
      <svg
        class="chart"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Mean of ${metric} over ${x} and ${y}, from ${formatMetric(metric, low)} to ${formatMetric(metric, high)}`}
      >
        {grid.means.map((line, row) =>
          line.map((mean, column) =>
            mean === null ? null : (
              <rect
                key={`${row} ${column}`}
                x={left + column * cellWidth}
                y={height - bottom - (row + 1) * cellHeight}
                width={cellWidth - 0.5}
                height={cellHeight - 0.5}
                fill={ramp(better(mean))}
              >
                <title>
                  {`${x} ${cellLabel(grid.x, column)}, ${y} ${cellLabel(grid.y, row)}: ${formatMetric(metric, mean)} (${count(grid.counts[row]?.[column] ?? 0, 'trial')})`}
                </title>
              </rect>
            ),
          ),
        )}
        {ticksOf(grid.x).map(({ share, label }) => (
          <text
            key={share}
            x={left + share * (width - left - right)}
            y={height - bottom + 18}
            text-anchor="middle"
            {...text}
          >
            {label}
          </text>
        ))}
        {ticksOf(grid.y).map(({ share, label }) => (
          <text
            key={share}
            x={left - 8}
            y={height - bottom - share * (height - top - bottom) + 4}
            text-anchor="end"
            {...text}
          >
            {label}
          </text>
        ))}
        <text x={(left + width - right) / 2} y={height - 6} text-anchor="middle" {...text}>
          {grid.x.log ? `${x}, logarithmic` : x}
        </text>
        <text
          x={14}
          y={(height - bottom) / 2}
          text-anchor="middle"
          transform={`rotate(-90 14 ${(height - bottom) / 2})`}
          {...text}
        >
          {grid.y.log ? `${y}, logarithmic` : y}
        </text>
        {Array.from({ length: 20 }, (_, step) => (
          <rect
            key={step}
            x={width - right + 24}
            y={height - bottom - ((step + 1) * (height - top - bottom)) / 20}
            width={14}
            height={(height - top - bottom) / 20 + 0.5}
            fill={ramp(direction === 'minimize' ? 1 - step / 19 : step / 19)}
          />
        ))}
        <text x={width - right + 44} y={top + 10} {...text}>
          {formatMetric(metric, high)}
        </text>
        <text x={width - right + 44} y={height - bottom} {...text}>
          {formatMetric(metric, low)}
        </text>
      </svg>
    </figure>
  );
}

function ticksOf({ edges, categories }: Grid['x']): { share: number; label: string }[] {
  if (categories) {
    return categories.map((value, code) => ({
      share: (code + 0.5) / categories.length,
      label: String(value),
    }));
  }
  return edgeTicks(edges).map(({ share, value }) => ({
    share,
    label: formatParameter(Number(value.toPrecision(3))),
  }));
}

function cellLabel({ edges, categories }: Grid['x'], index: number): string {
  if (categories) return String(categories[index] ?? '');
  const edge = (at: number) => formatParameter(Number((edges[at] ?? 0).toPrecision(3)));
  return `${edge(index)} to ${edge(index + 1)}`;
}

function csvOf(grid: Grid, x: string, y: string, metric: string) {
  return [
    [x, y, 'trials', `mean ${metric}`],
    ...grid.means.flatMap((line, row) =>
      line.flatMap((mean, column) =>
        mean === null
          ? []
          : [[cellLabel(grid.x, column), cellLabel(grid.y, row), grid.counts[row]?.[column], mean]],
      ),
    ),
  ];
}
