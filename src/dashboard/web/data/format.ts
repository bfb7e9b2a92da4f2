import type { Parameters, ParameterValue } from '../../../sweep/parameter.js';
import { formatBytes, formatDuration, formatNumber } from '../../../sweep/units.js';
import { unitOf } from '../../metrics.js';

/** A metric's value for people: bytes and seconds in fitting units, other numbers with four digits. */
export function formatMetric(metric: string, value: number | undefined): string {
  if (value === undefined) return '–';
  switch (unitOf(metric)) {
    case 'bytes':
      return formatBytes(value);
    case 'seconds':
      return formatDuration(value);
    case 'number':
      // Shares and scores keep their last zeros, so that a column of them can be read down.
      return Math.abs(value) < 1 && Math.abs(value) >= 1e-3 ? value.toFixed(4) : formatNumber(value);
  }
}

/** A metric's value at an axis: as short as it can be. */
export function formatTick(metric: string, value: number): string {
  return unitOf(metric) === 'number' ? formatNumber(value) : formatMetric(metric, value);
}

export function formatParameter(value: ParameterValue | undefined): string {
  if (value === undefined) return '–';
  return typeof value === 'number' ? formatNumber(value) : String(value);
}

/** `nhidden 16, lr 0.0025` */
export function formatParameters(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${formatParameter(value)}`)
    .join(', ');
}

/** `just now`, `40 s ago`, `3 m ago`, `2 d ago`: the largest unit. */
export function formatAgo(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  if (seconds < 3) return 'just now';
  return `${formatDuration(seconds).split(' ').slice(0, 2).join(' ')} ago`;
}

/** `4.2 trials/s`, `12 trials/min`, `3 trials/h`: the unit in which the number is 1 or more. */
export function formatRate(perSecond: number): string {
  for (const [unit, seconds] of [
    ['s', 1],
    ['min', 60],
  ] as const) {
    if (perSecond * seconds >= 1) return `${formatNumber(perSecond * seconds, 2)} trials/${unit}`;
  }
  return `${formatNumber(perSecond * 3600, 2)} trials/h`;
}

export function formatTime(at: number): string {
  return new Date(at).toLocaleString(undefined, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
}

/** `1 trial`, `2 trials` */
export function count(n: number, thing: string): string {
  return `${n.toLocaleString('en')} ${thing}${n === 1 ? '' : 's'}`;
}

/** How far a server is that reads a large sweep for the first time. */
export function readingText({ read, of }: { readonly read: number; readonly of: number }): string {
  return `reading: ${read.toLocaleString('en')} of ${count(of, 'trial')} so far…`;
}
