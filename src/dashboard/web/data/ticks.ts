import type { Unit } from '../../metrics.js';

const decimalSteps = [1, 2, 2.5, 5, 10];
/** Whole minutes and hours instead of 200 seconds. */
const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400];

/** The smallest round step that cuts `range` into at most `pieces`. */
export function niceStep(range: number, pieces: number, unit: Unit): number {
  const least = range / pieces;
  if (!(least > 0) || !Number.isFinite(least)) return 1;
  if (unit === 'seconds' && least >= 1) {
    const step = timeSteps.find((candidate) => candidate >= least);
    if (step !== undefined) return step;
    return decimalStep(least / 86400) * 86400;
  }
  return decimalStep(least);
}

function decimalStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = decimalSteps.find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** The multiples of `step` from `low` to `high`. */
export function roundTicks(low: number, high: number, step: number): number[] {
  const ticks: number[] = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++) {
    // 3 * 0.1 is 0.30000000000000004.
    ticks.push(Number((n * step).toPrecision(12)));
  }
  return ticks;
}

/** Ticks of a logarithmic axis within `[low, high]`: 1, 2, 5 of each power of ten, or fewer where that is too many. */
export function logTicks(low: number, high: number, most: number): number[] {
  for (const mantissas of [[1, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]]) {
    const ticks = ticksAt(low, high, mantissas, 1);
    if (ticks.length <= most) return ticks;
  }
  const powers = Math.log10(high / low);
  return ticksAt(low, high, [1], Math.ceil(powers / most));
}

function ticksAt(low: number, high: number, mantissas: readonly number[], every: number): number[] {
  const ticks: number[] = [];
  const first = Math.floor(Math.log10(low));
  for (let power = first; power <= Math.log10(high); power += every) {
    for (const mantissa of mantissas) {
      const tick = Number(`${mantissa}e${power}`);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}

/** Some edges of bins that are equally wide on their axis, each where it lies: 0 at the first one, 1 at the last. */
export function edgeTicks(edges: readonly number[]): { readonly share: number; readonly value: number }[] {
  const last = edges.length - 1;
  const indices = new Set([0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * last)));
  return [...indices].map((index) => ({ share: last > 0 ? index / last : 0, value: edges[index] ?? 0 }));
}
