/** An earlier sweep's configurations, best first, and what it predicts of any other. */
export interface EarlierRanks<T> {
  readonly ranked: readonly T[];
  /** Smaller is better. */
  readonly expect: (own: T) => number;
}

/** Configurations of earlier sweeps that count, at most, and own results up to which so many do. */
const most = 40;
const fadingFrom = 30;
/** Own results that are compared with what was predicted of them, at most. */
const compared = 30;
/** Pairs of results that are taken for predicted rightly before any was seen. */
const trust = 3;

/**
 * Own results among those of earlier sweeps, best first: each at its place in its own sweep. Of an earlier sweep, evenly
 * chosen by rank, there are as many as it predicts the order of the own results well (Kendall's rank correlation, as in
 * the weights of M. Feurer et al., "Practical transfer learning for Bayesian optimization", 2018), and fewer the more own
 * results there are.
 */
export function amongEarlier<T>(own: readonly T[], earlier: readonly EarlierRanks<T>[]): T[] {
  const placed = own.map((item, i) => ({ item, place: (i + 0.5) / own.length }));
  for (const { ranked, expect } of earlier) {
    const share = Math.max(0, agreement(own, expect)) * Math.min(1, fadingFrom / Math.max(1, own.length));
    const count = Math.min(ranked.length, Math.round((most / earlier.length) * share));
    for (let i = 0; i < count; i++) {
      const place = (i + 0.5) / count;
      const item = ranked[Math.floor(place * ranked.length)];
      if (item !== undefined) placed.push({ item, place });
    }
  }
  return placed.sort((a, b) => a.place - b.place).map(({ item }) => item);
}

/**
 * 1: the results (best first) came in the order that was predicted; -1: in the opposite one. A few pairs are taken for
 * predicted rightly beforehand.
 */
export function agreement<T>(own: readonly T[], expect: (own: T) => number): number {
  const step = Math.max(1, own.length / compared);
  const expected: number[] = [];
  for (let i = 0; i < own.length; i += step) {
    const item = own[Math.floor(i)];
    if (item !== undefined) expected.push(expect(item));
  }
  let balance = trust;
  let pairs = trust;
  expected.forEach((better, i) => {
    for (const worse of expected.slice(i + 1)) {
      balance += Math.sign(worse - better);
      pairs++;
    }
  });
  return balance / pairs;
}
