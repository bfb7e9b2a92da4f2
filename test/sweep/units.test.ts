import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatDuration,
  formatNumber,
  parseBytes,
  parseDuration,
} from '../../src/sweep/units.js';

describe('units', () => {
  it.each<[string | number, number | undefined]>([
    [90, 90],
    ['90', 90],
    ['90s', 90],
    ['30m', 1800],
    ['2h', 7200],
    ['1h30m', 5400],
    ['1 h 30 m', 5400],
    ['1.5d', 129_600],
    ['500ms', 0.5],
    ['', undefined],
    ['2 hours', undefined],
    ['-3s', undefined],
    [-3, undefined],
    [NaN, undefined],
    ['1e3s', undefined],
  ])('units - duration %j is %s s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each<[string | number, number | undefined]>([
    [8192, 8192],
    ['8192', 8192],
    ['4GB', 4e9],
    ['4 gb', 4e9],
    ['512MiB', 512 * 2 ** 20],
    ['1.5KiB', 1536],
    ['10b', 10],
    ['4G', undefined],
    ['GB', undefined],
    ['-1GB', undefined],
  ])('units - memory %j is %s bytes', (text, expected) => {
    expect(parseBytes(text)).toBe(expected);
  });

  it.each<[number, string]>([
    [0, '0 s'],
    [0.0001, '1 ms'],
    [0.25, '250 ms'],
    [4.24, '4.2 s'],
    [59.7, '1 m'],
    [90, '1 m 30 s'],
    [3599.6, '1 h'],
    [7500, '2 h 5 m'],
    [86_399, '1 d'],
    [273_600, '3 d 4 h'],
    [-5, '-5 s'],
    [Infinity, '-'],
  ])('units - %s s is shown as %s', (seconds, expected) => {
    expect(formatDuration(seconds)).toBe(expected);
  });

  it('units - what is shown of a duration is read as nearly the same', () => {
    for (const seconds of [0.02, 3, 59, 61, 3601, 5400, 90_000, 1e6]) {
      const back = parseDuration(formatDuration(seconds)) ?? NaN;
      expect(Math.abs(back / seconds - 1)).toBeLessThan(0.02);
    }
  });

  it.each<[number, string]>([
    [508, '508 B'],
    [8128, '8.13 KB'],
    [999_600, '1 MB'],
    [1.5e9, '1.5 GB'],
    [2e18, '2000 PB'],
  ])('units - %s bytes are shown as %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });

  it.each<[number, string]>([
    [8128, '8128'],
    [0.0025, '0.0025'],
    [0.912345, '0.9123'],
    [12_345.678, '12346'],
    [0.00001234567, '1.235e-5'],
    [1.5e12, '1.5e+12'],
    [0, '0'],
    [-0.5, '-0.5'],
  ])('units - %s is shown as %s', (value, expected) => {
    expect(formatNumber(value)).toBe(expected);
  });
});
