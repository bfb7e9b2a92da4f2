import { formatNumber } from '../../sweep/units.js';
import type { RangeAnalysis } from './analyse.js';

const [width, height] = [760, 440];
const frame = { left: 64, right: 20, top: 52, bottom: 52 };
const colors = {
  text: '#1f2430',
  faint: '#6b7280',
  grid: '#e5e7eb',
  raw: '#b8c7e6',
  line: '#2556b8',
  mark: '#c2410c',
};

/** Loss against learning rate, on a logarithmic scale, as an SVG picture. */
export function plotRange(title: string, { points, suggested }: RangeAnalysis): string {
  const rates = points.map(({ learningRate }) => learningRate);
  const [low, high] = [Math.log10(rates[0]!), Math.log10(rates.at(-1)!)];
  const smoothed = points.map((point) => point.smoothed);
  // Single steps may lie far out: they are cut at the frame.
  const [bottom, top] = padded(Math.min(...smoothed), Math.max(...smoothed));
  const x = (rate: number): number =>
    frame.left + ((Math.log10(rate) - low) / (high - low || 1)) * (width - frame.left - frame.right);
  const y = (loss: number): number => {
    const share = (Math.min(top, Math.max(bottom, loss)) - bottom) / (top - bottom);
    return height - frame.bottom - share * (height - frame.top - frame.bottom);
  };
  const path = (of: (point: (typeof points)[number]) => number): string =>
    points
      .map(
        (point, index) => `${index === 0 ? 'M' : 'L'}${round(x(point.learningRate))} ${round(y(of(point)))}`,
      )
      .join('');
  const baseline = height - frame.bottom;
  const markX = round(x(suggested));
  const leftOfMark = x(suggested) > width / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(frame.left, 26, title, { size: 16, weight: 600 }),
    ...linearTicks(bottom, top).flatMap((loss) => [
      `<line x1="${frame.left}" x2="${width - frame.right}" y1="${round(y(loss))}" y2="${round(y(loss))}" stroke="${colors.grid}"/>`,
      text(frame.left - 8, y(loss) + 4, formatNumber(loss), { anchor: 'end', fill: colors.faint }),
    ]),
    ...decades(low, high).flatMap((rate) => [
      `<line x1="${round(x(rate))}" x2="${round(x(rate))}" y1="${frame.top}" y2="${baseline}" stroke="${colors.grid}"/>`,
      text(x(rate), baseline + 20, formatNumber(rate), { anchor: 'middle', fill: colors.faint }),
    ]),
    `<path d="${path(({ loss }) => loss)}" fill="none" stroke="${colors.raw}"/>`,
    `<path d="${path((point) => point.smoothed)}" fill="none" stroke="${colors.line}" stroke-width="2"/>`,
    `<line x1="${markX}" x2="${markX}" y1="${frame.top}" y2="${baseline}" stroke="${colors.mark}" stroke-dasharray="5 4"/>`,
    text(x(suggested) + (leftOfMark ? -8 : 8), frame.top + 14, `suggested ${formatNumber(suggested)}`, {
      anchor: leftOfMark ? 'end' : 'start',
      fill: colors.mark,
    }),
    text((frame.left + width - frame.right) / 2, height - 12, 'learning rate', { anchor: 'middle' }),
    text(frame.left - 8, frame.top - 10, 'loss', { anchor: 'end' }),
    '</svg>',
    '',
  ].join('\n');
}

interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly fill?: string;
  readonly size?: number;
  readonly weight?: number;
}

function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { anchor = 'start', fill = colors.text, size = 13, weight = 400 } = style;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${fill}" font-size="${size}" font-weight="${weight}">${escape(content)}</text>`;
}

function padded(low: number, high: number): [number, number] {
  const space = 0.06 * (high - low) || 0.5;
  return [low - space, high + space];
}

/** About five round numbers. */
function linearTicks(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const last = Math.floor(high / step);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** The powers of ten from `low` to `high`, which are logarithms. */
function decades(low: number, high: number): number[] {
  const [first, last] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => Number(`1e${first + index}`));
}

function round(value: number): string {
  return value.toFixed(1);
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
