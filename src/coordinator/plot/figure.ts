import type { Scale } from './scale.js';

/** Colours that colour-blind people can tell apart (M. Okabe and K. Ito), on white. */
export const colours = {
  point: '#0072b2',
  best: '#d55e00',
  other: '#009e73',
  faint: '#9aa4ae',
  grid: '#e3e7eb',
  text: '#1f2933',
} as const;
export const series = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];

export interface Size {
  readonly width: number;
  readonly height: number;
}
export const usualSize: Size = { width: 800, height: 500 };

const margin = { top: 44, right: 24, bottom: 56, left: 84 };

/** An SVG picture that is put together mark by mark. Places are pixels. */
export class Figure {
  readonly #marks: string[] = [];
  readonly inner: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };

  constructor(
    readonly title: string,
    readonly size: Size = usualSize,
    left = margin.left,
  ) {
    const { width, height } = size;
    this.inner = {
      left,
      top: margin.top,
      width: width - left - margin.right,
      height: height - margin.top - margin.bottom,
    };
    this.text(width / 2, 26, title, { size: 16, anchor: 'middle', bold: true });
  }

  /** Both axes with grid lines; returns where values lie. */
  axes(
    x: Scale,
    y: Scale,
  ): { x: (value: number | string | boolean) => number; y: (value: number | string | boolean) => number } {
    const { left, top, width, height } = this.inner;
    const placeX = (share: number): number => left + share * width;
    const placeY = (share: number): number => top + (1 - share) * height;
    for (const { place, text } of x.ticks) {
      this.line([placeX(place), top, placeX(place), top + height], colours.grid);
      this.text(placeX(place), top + height + 18, text, { anchor: 'middle' });
    }
    for (const { place, text } of y.ticks) {
      this.line([left, placeY(place), left + width, placeY(place)], colours.grid);
      this.text(left - 8, placeY(place) + 4, text, { anchor: 'end' });
    }
    this.line([left, top + height, left + width, top + height], colours.text);
    this.line([left, top, left, top + height], colours.text);
    this.text(left + width / 2, top + height + 42, x.title, { anchor: 'middle', size: 13 });
    this.#marks.push(
      `<text transform="translate(18 ${round(top + height / 2)}) rotate(-90)" text-anchor="middle" font-size="13" fill="${colours.text}">${escaped(y.title)}</text>`,
    );
    return { x: (value) => placeX(x.at(value)), y: (value) => placeY(y.at(value)) };
  }

  line([x1, y1, x2, y2]: readonly [number, number, number, number], colour: string, width = 1): void {
    this.#marks.push(
      `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${colour}" stroke-width="${width}"/>`,
    );
  }

  path(
    points: readonly (readonly [number, number])[],
    colour: string,
    { width = 2, opacity = 1, tip = '' } = {},
  ): void {
    if (points.length === 0) return;
    const steps = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
    this.#marks.push(
      `<path d="${steps}" fill="none" stroke="${colour}" stroke-width="${width}" opacity="${opacity}" stroke-linejoin="round">${tipOf(tip)}</path>`,
    );
  }

  area(points: readonly (readonly [number, number])[], colour: string, opacity = 0.18): void {
    if (points.length === 0) return;
    const corners = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
    this.#marks.push(`<polygon points="${corners}" fill="${colour}" opacity="${opacity}"/>`);
  }

  point(
    [x, y]: readonly [number, number],
    colour: string,
    { radius = 4, opacity = 0.85, tip = '' } = {},
  ): void {
    this.#marks.push(
      `<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" fill="${colour}" opacity="${opacity}">${tipOf(tip)}</circle>`,
    );
  }

  /** Hollow: what is of another sweep. */
  triangle([x, y]: readonly [number, number], colour: string, tip = ''): void {
    const corners = [
      [x, y - 5],
      [x + 4.5, y + 3.5],
      [x - 4.5, y + 3.5],
    ].map(([cx = 0, cy = 0]) => `${round(cx)},${round(cy)}`);
    this.#marks.push(
      `<polygon points="${corners.join(' ')}" fill="${colour}" fill-opacity="0.15" stroke="${colour}" stroke-width="1.5">${tipOf(tip)}</polygon>`,
    );
  }

  bar([x, y, width, height]: readonly [number, number, number, number], colour: string): void {
    this.#marks.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, width))}" height="${round(height)}" fill="${colour}"/>`,
    );
  }

  text(
    x: number,
    y: number,
    content: string,
    { size = 12, anchor = 'start', bold = false, colour = '#1f2933' } = {},
  ): void {
    this.#marks.push(
      `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-size="${size}"${bold ? ' font-weight="600"' : ''} fill="${colour}">${escaped(content)}</text>`,
    );
  }

  svg(): string {
    const { width, height } = this.size;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      `role="img" aria-label="${escaped(this.title)}" font-family="system-ui, 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif">\n` +
      `<rect width="100%" height="100%" fill="#ffffff"/>\n${this.#marks.join('\n')}\n</svg>\n`
    );
  }
}

function tipOf(text: string): string {
  return text === '' ? '' : `<title>${escaped(text)}</title>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** For texts and attributes; XML has no control characters. */
export function escaped(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
