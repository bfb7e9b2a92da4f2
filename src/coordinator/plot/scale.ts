import type { ParameterValue } from '../../sweep/parameter.js';
import { formatNumber } from '../../sweep/units.js';

/** Values on one axis: where they lie from 0 to 1, and the marks beside it. */
export interface Scale {
  readonly title: string;
  at(value: ParameterValue): number;
  readonly ticks: readonly { readonly place: number; readonly text: string }[];
}

const mostTicks = 6;

/** Numbers; on a logarithmic scale where asked for and all are above 0. A margin keeps marks off the frame. */
export function numberScale(title: string, values: readonly number[], log = false): Scale {
  const finite = values.filter(Number.isFinite);
  const isLog = log && finite.length > 0 && finite.every((value) => value > 0);
  const to = isLog ? Math.log10 : (value: number): number => value;
  const [low, high] = extent(finite.map(to));
  const width = high - low || Math.abs(high) || 1;
  const [begin, end] = [low - 0.04 * width, high + 0.04 * width];
  const at = (value: number): number => (to(value) - begin) / (end - begin);
  const marks = isLog ? logMarks(begin, end) : linearMarks(begin, end);
  return {
    title,
    at: (value) => at(Number(value)),
    ticks: marks.map((value) => ({ place: at(value), text: formatNumber(value, 3) })),
  };
}

/** Texts and truth values, evenly, in their order. */
export function listScale(title: string, values: readonly ParameterValue[]): Scale {
  const known = [...new Set(values)];
  const place = (index: number): number => (index + 0.5) / known.length;
  return {
    title,
    at: (value) => place(known.indexOf(value)),
    ticks: known.map((value, index) => ({ place: place(index), text: String(value).slice(0, 18) })),
  };
}

export function extent(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function linearMarks(low: number, high: number): number[] {
  const rough = (high - low) / mostTicks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** Powers of ten, with 2 and 5 between them where there are few. */
function logMarks(low: number, high: number): number[] {
  const factors = high - low < 2.5 ? [1, 2, 5] : [1];
  const marks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++)
    for (const factor of factors) marks.push(Number((factor * 10 ** power).toPrecision(3)));
  return marks.filter((mark) => Math.log10(mark) >= low && Math.log10(mark) <= high);
}
