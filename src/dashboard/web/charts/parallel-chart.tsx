import { useEffect, useRef, useState } from 'preact/hooks';
import type { Direction } from '../../../sweep/sweep-definition.js';
import type { Brush, Dimension } from '../data/parallel.js';
import { PngButton } from '../views/downloads.js';
import { ramp } from './ramp.js';
import { faded, useChartTheme, type ChartTheme } from './theme.js';

export type { Brush };

interface ParallelChartProps {
  /** Trial of each line. */
  readonly numbers: readonly number[];
  readonly dimensions: readonly Dimension[];
  readonly brushes: readonly Brush[];
  /** Positions of the lines that are not greyed out. */
  readonly within: readonly number[];
  /** Dimension that colours the lines, and where better lies on it. */
  readonly colour: string;
  readonly direction: Direction;
  readonly onBrush: (brush: Brush) => void;
  readonly onOpen: (trial: number) => void;
}

const top = 34;
const bottom = 22;
const side = 60;
const height = 430;

/** Lines on a canvas, and over it the axes, whose ranges can be dragged or set with the keyboard. */
export function ParallelChart(props: ParallelChartProps) {
  const { dimensions, brushes, within, onBrush, onOpen, numbers } = props;
  const theme = useChartTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!frame.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current && width > 0) drawLines(canvas.current, props, theme, width);
  });
  const x = (index: number) => axisX(index, dimensions.length, width);
  const inner = height - top - bottom;
  return (
    <figure class="parallel-chart">
      <figcaption>
        <PngButton name="parallel" />
      </figcaption>
      <div class="parallel-frame" ref={frame} style={{ height: `${height}px` }}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={`${within.length} of ${numbers.length} trials over ${dimensions.map(({ name }) => name).join(', ')}`}
          onClick={({ offsetX, offsetY }) => {
            const line = nearestLine(props, width, offsetX, offsetY);
            if (line !== undefined) onOpen(numbers[line] ?? 0);
          }}
        />
        {width > 0 &&
          dimensions.map((dimension, index) => (
            <AxisRange
              key={dimension.id}
              dimension={dimension}
              brush={brushes.find(({ id }) => id === dimension.id)}
              left={x(index)}
              inner={inner}
              onBrush={onBrush}
            />
          ))}
      </div>
    </figure>
  );
}

interface AxisRangeProps {
  readonly dimension: Dimension;
  readonly brush: Brush | undefined;
  readonly left: number;
  readonly inner: number;
  readonly onBrush: (brush: Brush) => void;
}

/** The range of one axis: drawn with the pointer, or by its two ends, which are sliders for the keyboard. */
function AxisRange({ dimension, brush, left, inner, onBrush }: AxisRangeProps) {
  const start = useRef<number | undefined>(undefined);
  const { id, name, label } = dimension;
  const low = brush?.low ?? 0;
  const high = brush?.high ?? 1;
  const placeOf = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - (event.clientY - box.top) / box.height));
  };
  const slider = (end: 'low' | 'high', value: number) => (
    <input
      type="range"
      class="visually-hidden"
      min="0"
      max="1"
      step="0.02"
      value={value}
      aria-label={`${name}, ${end === 'low' ? 'at least' : 'at most'}`}
      aria-valuetext={label(value)}
      onInput={({ currentTarget }) => {
        const place = Number(currentTarget.value);
        onBrush({
          id,
          low: end === 'low' ? Math.min(place, high) : low,
          high: end === 'high' ? Math.max(place, low) : high,
        });
      }}
    />
  );
  return (
    <div
      class="axis-range"
      style={{ left: `${left}px`, top: `${top}px`, height: `${inner}px` }}
      data-axis={name}
    >
      <b title={name}>{name}</b>
      <span class="high">{label(1)}</span>
      <span class="low">{label(0)}</span>
      <div
        class="track"
        onPointerDown={(event) => {
          start.current = placeOf(event);
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          if (start.current === undefined) return;
          const place = placeOf(event);
          onBrush({ id, low: Math.min(start.current, place), high: Math.max(start.current, place) });
        }}
        onPointerUp={(event) => {
          const isClick = start.current !== undefined && Math.abs(start.current - placeOf(event)) < 0.01;
          start.current = undefined;
          if (isClick) onBrush({ id, low: 0, high: 1 });
        }}
      >
        {brush && <i style={{ bottom: `${100 * low}%`, height: `${Math.max(100 * (high - low), 1)}%` }} />}
      </div>
      {slider('low', low)}
      {slider('high', high)}
    </div>
  );
}

function axisX(index: number, count: number, width: number): number {
  return side + (index * (width - 2 * side)) / Math.max(count - 1, 1);
}

function drawLines(
  canvas: HTMLCanvasElement,
  props: ParallelChartProps,
  theme: ChartTheme,
  width: number,
): void {
  const { dimensions, within, colour, direction, numbers } = props;
  const scale = devicePixelRatio || 1;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(scale, scale);
  context.clearRect(0, 0, width, height);
  const chosen = new Set(within);
  const shades = dimensions.find(({ id }) => id === colour)?.places;
  const better = (line: number) => {
    const place = shades?.[line] ?? 0;
    return direction === 'minimize' ? 1 - place : place;
  };
  context.lineWidth = 1;
  context.strokeStyle = faded(theme.muted, 0.08);
  for (const line of numbers.keys()) if (!chosen.has(line)) stroke(context, dimensions, line, width);
  // The best lie on top.
  const opacity = within.length > 300 ? 0.35 : 0.75;
  for (const line of [...within].sort((a, b) => better(a) - better(b))) {
    context.strokeStyle = faded(ramp(better(line)), opacity);
    stroke(context, dimensions, line, width);
  }
  context.strokeStyle = theme.muted;
  for (const index of dimensions.keys()) {
    const x = axisX(index, dimensions.length, width);
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, height - bottom);
    context.stroke();
  }
}

function stroke(
  context: CanvasRenderingContext2D,
  dimensions: readonly Dimension[],
  line: number,
  width: number,
): void {
  context.beginPath();
  let broken = true;
  dimensions.forEach(({ places }, index) => {
    const place = places[line];
    if (place === undefined) {
      broken = true;
      return;
    }
    const [x, y] = [axisX(index, dimensions.length, width), top + (1 - place) * (height - top - bottom)];
    if (broken) context.moveTo(x, y);
    else context.lineTo(x, y);
    broken = false;
  });
  context.stroke();
}

/** How far from a line, in pixels, a click may be. */
const reach = 8;

function nearestLine(
  { dimensions, within }: ParallelChartProps,
  width: number,
  x: number,
  y: number,
): number | undefined {
  const step = (width - 2 * side) / Math.max(dimensions.length - 1, 1);
  const index = Math.min(dimensions.length - 2, Math.max(0, Math.floor((x - side) / step)));
  const share = (x - axisX(index, dimensions.length, width)) / step;
  let nearest: number | undefined;
  let least = reach;
  for (const line of within) {
    const [a, b] = [dimensions[index]?.places[line], dimensions[index + 1]?.places[line]];
    if (a === undefined || b === undefined) continue;
    const distance = Math.abs(top + (1 - (a + share * (b - a))) * (height - top - bottom) - y);
    if (distance < least) {
      least = distance;
      nearest = line;
    }
  }
  return nearest;
}
