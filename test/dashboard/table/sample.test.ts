import { describe, expect, it } from 'vitest';
import { rowsWhere } from '../../../src/dashboard/server/table/filter.js';
import { sample } from '../../../src/dashboard/server/table/sample.js';
import type { TrialTable } from '../../../src/dashboard/server/table/trial-table.js';
import { createRandom } from '../../../src/sweep/random.js';
import { outline, tableOf } from './tables.js';

/** A dense cloud, and a few trials far from it; `replicates` trials of each configuration. */
function cloud(count: number, replicates = 1): TrialTable {
  const random = createRandom(3);
  return tableOf(
    Array.from({ length: count }, (_, number) => {
      const far = number % 1000 === 7;
      return outline({
        number,
        configuration: Math.floor(number / replicates),
        replicate: number % replicates,
        parameters: { nhidden: far ? 25 : 1 + random.below(8) },
        metrics: {
          accuracy: far ? 0.1 + (number / 20_000) * 0.6 : 0.8 + 0.01 * random.normal(),
          time: random.next(),
        },
      });
    }),
  );
}

function sampled(table: TrialTable, most: number, keep: number[] = []): Set<number> {
  const [x, y, z] = ['parameter:nhidden', 'metric:accuracy', 'metric:time'].map((id) => table.column(id));
  if (!x || !y || !z) throw new Error('columns');
  const rows = rowsWhere(table, undefined);
  const pairs = [
    [x, y],
    [x, z],
  ] as const;
  return new Set(sample({ rows, pairs, most, keep, group: table.configuration }));
}

describe('sample', () => {
  it('sample - all where they are few', () => {
    expect(sampled(cloud(500), 500).size).toBe(500);
  });

  it('sample - as many as are wanted; what stands alone stays, with the extremes and what is kept by name', () => {
    const table = cloud(20_000);
    const chosen = sampled(table, 1000, [12_345]);
    expect(chosen.size).toBe(1000);
    for (let number = 7; number < 20_000; number += 1000) expect(chosen).toContain(number);
    expect(chosen).toContain(12_345);
    const accuracy = [...(table.metric('accuracy')?.values.subarray(0, 20_000) ?? [])];
    const best = accuracy.indexOf(accuracy.reduce((a, b) => Math.max(a, b)));
    expect(chosen).toContain(best);
  });

  it('sample - replicates of a configuration come together', () => {
    const chosen = sampled(cloud(9_000, 3), 900);
    for (const number of chosen) {
      const first = number - (number % 3);
      expect([first, first + 1, first + 2].every((replicate) => chosen.has(replicate))).toBe(true);
    }
    expect(chosen.size).toBeGreaterThanOrEqual(900);
    expect(chosen.size).toBeLessThan(950);
  });

  it('sample - most points stay where they are while more trials come', () => {
    const [before, after] = [sampled(cloud(20_000), 1000), sampled(cloud(20_500), 1000)];
    const stayed = [...before].filter((number) => after.has(number)).length;
    expect(stayed).toBeGreaterThan(800);
  });
});
