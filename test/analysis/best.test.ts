import { describe, expect, it } from 'vitest';
import { prospects, type Prospects } from '../../src/analysis/best.js';
import { moderatedNoise } from '../../src/analysis/noise.js';
import { PosteriorModel, studentQuantile } from '../../src/analysis/posterior.js';
import { summarise, type Summary } from '../../src/sweep/objective.js';
import { createRandom } from '../../src/sweep/random.js';

interface World {
  readonly configurations: number;
  /** Seeds of each configuration, in turn. */
  readonly seeds: readonly number[];
  /** Scatter of the true values. */
  readonly scatter: number;
  /** Noise of each configuration, in turn. */
  readonly noise: readonly number[];
}

/** Configurations with true values, and what their replicates gave. */
function simulate({ configurations, seeds, scatter, noise }: World, run: number) {
  const random = createRandom(20_260, run);
  const truth = Array.from({ length: configurations }, () => 5 + scatter * random.normal());
  const summaries = truth.map((value, i) => {
    const deviation = noise[i % noise.length] ?? 0;
    const values = Array.from(
      { length: seeds[i % seeds.length] ?? 1 },
      () => value + deviation * random.normal(),
    );
    return summarise(values) as Summary;
  });
  return { truth, found: prospects(summaries, 'maximize') as Prospects };
}

const worlds: Record<string, World> = {
  'two configurations of two seeds': { configurations: 2, seeds: [2], scatter: 1, noise: [1] },
  'ten of two': { configurations: 10, seeds: [2], scatter: 1, noise: [1] },
  'twenty, hardly different': { configurations: 20, seeds: [3], scatter: 0.3, noise: [1] },
  'thirty with one, two or five seeds': { configurations: 30, seeds: [1, 2, 5], scatter: 1, noise: [0.6] },
  'twenty with noise of their own': { configurations: 20, seeds: [3], scatter: 1, noise: [0.1, 0.5, 2] },
};

describe('posterior', () => {
  it.each(Object.entries(worlds))('posterior - intervals and probabilities hold: %s', (_, world) => {
    let covered = 0;
    let intervals = 0;
    let among = 0;
    const runs = 80;
    // Of those that are said to be the best with 20% to 80%: how many should be, and how many are.
    let [expected, were, variance] = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      const { truth, found } = simulate(world, run);
      const best = truth.indexOf(Math.max(...truth));
      if (found.leaders.includes(best)) among++;
      found.each.forEach(({ posterior, probabilityBest: p }, i) => {
        const value = truth[i] ?? NaN;
        intervals++;
        if (posterior.low <= value && value <= posterior.high) covered++;
        if (p < 0.2 || p > 0.8) return;
        expected += p;
        variance += p * (1 - p);
        if (i === best) were++;
      });
    }
    expect(covered / intervals).toBeGreaterThan(0.92);
    expect(covered / intervals).toBeLessThan(0.99);
    expect(among / runs).toBeGreaterThan(0.86);
    expect(Math.abs(were - expected) / Math.sqrt(variance)).toBeLessThan(3);
  });

  it('posterior - the ranking returns better configurations than plain means where seeds are few and unequal', () => {
    const world = { configurations: 40, seeds: [1, 1, 1, 4], scatter: 0.5, noise: [1] };
    let [byPosterior, byMean] = [0, 0];
    for (let run = 0; run < 200; run++) {
      const random = createRandom(7, run);
      const truth = Array.from({ length: world.configurations }, () => world.scatter * random.normal());
      const summaries = truth.map(
        (value, i) =>
          summarise(
            Array.from({ length: world.seeds[i % 4] ?? 1 }, () => value + random.normal()),
          ) as Summary,
      );
      const means = summaries.map(({ mean }) => mean);
      const posterior = PosteriorModel.of(summaries)?.posteriors.map(({ mean }) => mean) ?? [];
      byPosterior += truth[posterior.indexOf(Math.max(...posterior))] ?? 0;
      byMean += truth[means.indexOf(Math.max(...means))] ?? 0;
    }
    expect(byPosterior / 200).toBeGreaterThan(byMean / 200 + 0.05);
  });

  it('posterior - minimises as it maximises, and leaves out whom it must', () => {
    const summaries = [
      [1, 1.2],
      [2, 2.1],
      [3, 3.3],
    ].map((values) => summarise(values) as Summary);
    const negated = summaries.map(({ mean, ...rest }) => ({ ...rest, mean: -mean }));
    const up = prospects(summaries, 'maximize');
    const down = prospects(negated, 'minimize');
    expect(up?.leader).toBe(2);
    expect(down?.each.map(({ probabilityBest }) => probabilityBest)).toEqual(
      up?.each.map(({ probabilityBest }) => probabilityBest),
    );
    const without = prospects(summaries, 'maximize', (index) => index !== 2);
    expect(without?.leader).toBe(1);
    expect(without?.each[2]?.probabilityBest).toBe(0);
    expect(without?.each[2]?.posterior).toEqual(up?.each[2]?.posterior);
  });

  it('posterior - without noise the values stand as they are, and equals share', () => {
    const found = prospects(
      [
        { n: 3, mean: 3, spread: 0 },
        { n: 3, mean: 2, spread: 0 },
        { n: 2, mean: 1, spread: 0 },
        { n: 1, mean: 5 },
        { n: 1, mean: 5 },
      ],
      'maximize',
    );
    expect(found?.each.map(({ posterior }) => posterior.mean)).toEqual([3, 2, 1, 5, 5]);
    expect(found?.each.map(({ probabilityBest }) => Number(probabilityBest.toFixed(9)))).toEqual([
      0, 0, 0, 0.5, 0.5,
    ]);
  });

  it('posterior - one pair that happens to tie decides nothing; many that agree do', () => {
    const single = [0.909, 0.908, 0.9].map((mean) => ({ n: 1, mean }));
    const after = (...seeds: number[]) => {
      const tied = seeds.map((n, i) => ({ n, mean: [0.91, 0.9, 0.89][i] ?? NaN, spread: 0 }));
      return prospects([...tied, ...single], 'maximize');
    };
    const chance = (...seeds: number[]): number => after(...seeds)?.each[0]?.probabilityBest ?? NaN;
    expect(chance(2)).toBeLessThan(0.9);
    expect(after(2)?.leaders.length).toBeGreaterThan(1);
    expect(chance(3, 2)).toBeGreaterThan(chance(2));
    expect(chance(3, 2)).toBeLessThan(1);
    expect(chance(3, 3, 2)).toBe(1);
    // Two configurations are too few to say that there is none, but enough seeds tell them apart.
    const two = [5, 4].map((mean) => ({ n: 5, mean, spread: 0 }));
    expect(prospects(two, 'maximize')?.leaders).toEqual([0]);
    const equal = [2, 1, 1].map((n) => ({ n, mean: 1, ...(n > 1 && { spread: 0 }) }));
    for (const { probabilityBest } of prospects(equal, 'maximize')?.each ?? [])
      expect(probabilityBest).toBeCloseTo(1 / 3, 6);
  });

  it('posterior - of single seeds alone nothing is said', () => {
    expect(
      prospects(
        [
          { n: 1, mean: 3 },
          { n: 1, mean: 5 },
        ],
        'maximize',
      ),
    ).toBeUndefined();
    expect(prospects([], 'maximize')).toBeUndefined();
  });

  it('posterior - units do not matter, and neither do huge or tiny ones', () => {
    const values = [[1, 1.4], [2, 2.1, 2.2], [1.8], [0.3, 0.9]];
    const at = (unit: number, shift: number) =>
      prospects(
        values.map((list) => summarise(list.map((v) => v * unit + shift)) as Summary),
        'maximize',
      );
    const plain = at(1, 0)?.each.map(({ probabilityBest }) => probabilityBest.toFixed(6));
    expect(at(1e9, 0)?.each.map(({ probabilityBest }) => probabilityBest.toFixed(6))).toEqual(plain);
    expect(at(1e-9, 0)?.each.map(({ probabilityBest }) => probabilityBest.toFixed(6))).toEqual(plain);
    expect(at(1, 1000)?.each.map(({ probabilityBest }) => probabilityBest.toFixed(6))).toEqual(plain);
  });
});

describe('noise', () => {
  it('noise - is common where replicates say so, and of each where they differ', () => {
    const random = createRandom(3);
    const of = (deviation: number, n: number): Summary =>
      summarise(Array.from({ length: n }, () => deviation * random.normal())) as Summary;
    const alike = moderatedNoise(Array.from({ length: 60 }, () => of(2, 3)));
    for (const { variance } of alike ?? []) expect(Math.sqrt(variance)).toBeCloseTo(2, 0);
    const different = moderatedNoise(Array.from({ length: 60 }, (_, i) => of(i % 2 === 0 ? 0.1 : 5, 4)));
    expect(Math.sqrt(different?.[0]?.variance ?? NaN)).toBeLessThan(0.4);
    expect(Math.sqrt(different?.[1]?.variance ?? NaN)).toBeGreaterThan(2);
    expect(different?.[0]?.freedom).toBeLessThan(alike?.[0]?.freedom ?? 0);
  });

  it("noise - Student's quantiles are those of the tables", () => {
    const table = [
      [2, 4.303],
      [3, 3.182],
      [5, 2.571],
      [10, 2.228],
      [30, 2.042],
      [1e6, 1.96],
    ] as const;
    for (const [freedom, quantile] of table) {
      expect(Math.abs(studentQuantile(0.975, freedom) / quantile - 1)).toBeLessThan(0.02);
    }
  });
});
