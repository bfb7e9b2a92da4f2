import stringWidth from 'string-width';
import { formatNumber } from '../../../sweep/units.js';

export interface Column {
  readonly title: string;
  readonly cells: readonly string[];
  /** @default 'left' */
  readonly align?: 'left' | 'right';
  /** Columns with the lowest go first where the terminal is too narrow. @default 1 */
  readonly importance?: number;
}

const gap = '  ';
/** Cut only where no other column is left to go. */
const mostImportant = 9;
/** A state is whole. */
const narrowest = 9;
/** Columns that the last line names. */
const mostNamed = 8;

/**
 * Lines of columns with a header. Where `width` (columns of the terminal) is given, texts are cut to fit, and where
 * that is not enough the least important columns are left out, which the last line says. What is most important is cut last.
 */
export function renderTable(columns: readonly Column[], width = Infinity): string {
  const sizes = new Map(columns.map((column) => [column, naturalWidth(column)]));
  const kept = [...columns];
  const total = (): number =>
    kept.reduce((sum, column) => sum + (sizes.get(column) ?? 0), gap.length * Math.max(0, kept.length - 1));
  shrinkTexts(
    kept.filter(({ importance = 1 }) => importance < mostImportant),
    sizes,
    total,
    width,
  );
  const dropped: string[] = [];
  while (total() > width && kept.length > 1) {
    const least = kept.reduce((a, b) => ((b.importance ?? 1) <= (a.importance ?? 1) ? b : a));
    kept.splice(kept.indexOf(least), 1);
    dropped.unshift(least.title);
  }
  shrinkTexts(kept, sizes, total, width);
  const rows = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const line = (cellOf: (column: Column) => string): string =>
    kept
      .map((column) => pad(cut(cellOf(column), sizes.get(column) ?? 0), sizes.get(column) ?? 0, column.align))
      .join(gap)
      .trimEnd();
  const lines = [line(({ title }) => title)];
  for (let row = 0; row < rows; row++) lines.push(line(({ cells }) => cells[row] ?? ''));
  if (dropped.length > 0) lines.push(`(too narrow for: ${namesOf(dropped)})`);
  return `${lines.join('\n')}\n`;
}

function namesOf(dropped: readonly string[]): string {
  // The spread of a metric goes with it.
  const names = dropped.filter((title) => title !== '±');
  if (names.length === 0) return 'some spreads (±)';
  const more = names.length - mostNamed;
  return more > 1 ? `${names.slice(0, mostNamed).join(', ')} and ${more} more` : names.join(', ');
}

function naturalWidth({ title, cells }: Column): number {
  return cells.reduce((widest, cell) => Math.max(widest, stringWidth(cell)), stringWidth(title));
}

/** Takes from the widest text again and again: short texts stay whole as long as there are long ones. */
function shrinkTexts(
  columns: readonly Column[],
  sizes: Map<Column, number>,
  total: () => number,
  width: number,
): void {
  for (let over = total() - width; over > 0; over = total() - width) {
    const texts = columns.filter(
      (column) => column.align !== 'right' && (sizes.get(column) ?? 0) > narrowest,
    );
    const [widest, second] = texts.sort((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0));
    if (!widest) return;
    const size = sizes.get(widest) ?? 0;
    const floor = Math.max(narrowest, second ? Math.min(sizes.get(second) ?? 0, size - 1) : narrowest);
    sizes.set(widest, Math.max(floor, size - over));
  }
}

/** Cut to so many columns of the terminal, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (stringWidth(kept + character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

function pad(text: string, width: number, align: Column['align'] = 'left'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? space + text : text + space;
}

/**
 * Numbers of one column in one notation: whole numbers whole, others with the same decimals, as many as give the
 * largest four digits. Where the values are too far apart for that, each for itself.
 */
export function formatColumn(values: readonly (number | undefined)[]): string[] {
  const sizes = values
    .filter((value): value is number => value !== undefined && Number.isFinite(value) && value !== 0)
    .map(Math.abs);
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)];
  const alike = sizes.length > 0 && largest < 1e9 && smallest >= largest / 1000 && largest >= 1e-3;
  const whole = values.every((value) => value === undefined || Number.isInteger(value));
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(largest)));
  return values.map((value) => {
    if (value === undefined) return '';
    return alike && !whole ? value.toFixed(decimals) : formatNumber(value);
  });
}
