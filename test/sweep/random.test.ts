import { describe, expect, it } from 'vitest';
import { createRandom, trialSeed } from '../../src/sweep/random.js';

const draws = (count: number, ...seeds: number[]): number[] => {
  const random = createRandom(...seeds);
  return Array.from({ length: count }, () => random.next());
};

describe('random', () => {
  it('random - the same seeds give the same stream, on every machine', () => {
    expect(draws(5, 1, 2, 3)).toEqual(draws(5, 1, 2, 3));
    expect(draws(2, 1)).toMatchInlineSnapshot(`
      [
        0.16543675333691676,
        0.5356207031013374,
      ]
    `);
  });

  it('random - order, number and high bits of the seeds matter', () => {
    const streams = [
      [],
      [0],
      [0, 0],
      [1],
      [1, 0],
      [0, 1],
      [1, 2],
      [2, 1],
      [2 ** 32 + 1],
      [2 ** 40 + 1],
      [-1],
    ];
    expect(new Set(streams.map((seeds) => draws(1, ...seeds)[0])).size).toBe(streams.length);
  });

  it('random - neighbouring streams share nothing', () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 1000; seed++) for (const value of draws(100, 1, seed)) seen.add(value);
    expect(seen.size).toBe(100_000);
    // First draws of neighbours are as uniform as any, and uncorrelated.
    const first = Array.from({ length: 10_000 }, (_, seed) => draws(1, seed)[0]!);
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.015);
    const correlation =
      first.slice(1).reduce((sum, value, i) => sum + (value - 0.5) * (first[i]! - 0.5), 0) / 9999;
    expect(Math.abs(correlation)).toBeLessThan(0.004);
  });

  it('random - normal has mean 0 and deviation 1, below is uniform', () => {
    const random = createRandom(5);
    const values = Array.from({ length: 50_000 }, () => random.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    const counts = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) counts[random.below(3)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });

  it('random - seeds of trials are 32 bits, and never shared among replicates or neighbours', () => {
    const ofReplicates = new Set(Array.from({ length: 5000 }, (_, replicate) => trialSeed(1, 7, replicate)));
    expect(ofReplicates.size).toBe(5000);
    const ofConfigurations = new Set(Array.from({ length: 50_000 }, (_, number) => trialSeed(1, number, 0)));
    expect(ofConfigurations.size).toBe(50_000);
    for (const seed of ofReplicates) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
    expect(trialSeed(1, 0, 0)).not.toBe(trialSeed(2, 0, 0));
  });
});
