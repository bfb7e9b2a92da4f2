/** Durations are in seconds, amounts of memory in bytes, everywhere inside; these read and write them for people. */

const secondsIn: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** `90`, `"90s"`, `"2h"`, `"1h30m"`, `"500ms"`, `"1.5d"` to seconds; undefined where it is none. */
export function parseDuration(text: string | number): number | undefined {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? text : undefined;
  const compact = text.replace(/\s+/g, '');
  if (/^\d+(\.\d+)?$/.test(compact)) return Number(compact);
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(compact)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of compact.matchAll(/([\d.]+)(ms|[smhd])/g)) {
    seconds += Number(amount) * (secondsIn[unit ?? ''] ?? NaN);
  }
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** `12 ms`, `4.2 s`, `1 m 30 s`, `2 h 5 m`, `3 d 4 h`: the two largest units. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-';
  if (seconds < 0) return `-${formatDuration(-seconds)}`;
  if (seconds === 0) return '0 s';
  if (seconds < 0.9995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  let rest = Math.round(seconds);
  if (rest >= 86_400) rest = Math.round(rest / 3600) * 3600;
  else if (rest >= 3600) rest = Math.round(rest / 60) * 60;
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's']) {
    const amount = Math.floor(rest / (secondsIn[unit] ?? 1));
    rest -= amount * (secondsIn[unit] ?? 1);
    if (amount > 0) parts.push(`${amount} ${unit}`);
  }
  return parts.join(' ');
}

const bytesIn: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** `8192`, `"512MiB"`, `"4GB"` (1 KB is 1000 bytes, 1 KiB is 1024) to whole bytes; undefined where it is none. */
export function parseBytes(text: string | number): number | undefined {
  if (typeof text === 'number') return Number.isFinite(text) && text >= 0 ? Math.round(text) : undefined;
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  if (!match) return undefined;
  const factor = bytesIn[(match[2] ?? '').toLowerCase() || 'b'];
  const bytes = factor === undefined ? NaN : Math.round(Number(match[1]) * factor);
  return Number.isFinite(bytes) ? bytes : undefined;
}

/** `508 B`, `8.13 KB`, `1.5 GB`: three digits, 1 KB is 1000 bytes. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '-';
  if (bytes < 0) return `-${formatBytes(-bytes)}`;
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let unit = 0;
  let amount = bytes;
  // What three digits would show as 1000 belongs to the next unit.
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(amount) : Number(amount.toPrecision(3))} ${units[unit]}`;
}

/** A number for tables: whole numbers whole, others with `digits` significant digits; exponents where it is shorter. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e12) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e9 || magnitude < 1e-4) return Number(value.toPrecision(digits)).toExponential();
  if (magnitude >= 10 ** digits) return String(Math.round(value));
  return String(Number(value.toPrecision(digits)));
}
