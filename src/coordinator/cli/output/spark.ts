const levels = '▁▂▃▄▅▆▇█';

/** A line of small bars, lowest to highest; thinned to `width` by means. Empty for no finite values. */
export function sparkline(values: readonly number[], width = 24): string {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return '';
  const count = Math.min(width, finite.length);
  const shown = Array.from({ length: count }, (_, i) => {
    const part = finite.slice(
      Math.floor((i * finite.length) / count),
      Math.floor(((i + 1) * finite.length) / count),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const low = Math.min(...shown);
  const range = Math.max(...shown) - low;
  return shown
    .map((value) => levels[range === 0 ? 3 : Math.min(7, Math.floor((8 * (value - low)) / range))] ?? '')
    .join('');
}

/** A bar of at most `width` columns for a share from 0 to 1. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '';
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}
