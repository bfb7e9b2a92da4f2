/** One coordinate for each axis; NaN where the parameter is absent. */
export type Encoded = Float64Array;

/** What is known, encoded. */
export interface Results {
  /** Best first. With several objectives only the first are in order, so those of a condition are ranked by themselves. */
  readonly ranked: readonly Encoded[];
  readonly failed: readonly Encoded[];
  /** Without a result. */
  readonly waiting: readonly Encoded[];
}

export interface Split {
  readonly good: readonly Encoded[];
  readonly bad: readonly Encoded[];
  /** How many configurations each of `bad` stands for. */
  readonly weights: Float64Array;
}

/** Of the results this part counts as good, at most so many. */
const goodPart = 0.1;
const mostGood = 25;
/** Of the others, as many are looked at: the better half of them all, of the rest evenly chosen ones. */
const mostBad = 100;

/**
 * Splits the configurations that have a value on `axis`. Beyond 100 bad ones, the 50 that come next after the good
 * ones are all kept, for they decide where the good region ends; those behind are thinned evenly by rank, and each
 * stands for its neighbours: a stratified sample, so the density stays what it was on average.
 */
export function splitResults(results: Results, axis: number): Split {
  const has = (row: Encoded): boolean => !Number.isNaN(row[axis]);
  const ranked = results.ranked.filter(has);
  const failed = results.failed.filter(has);
  const part = Math.min(mostGood, Math.ceil(goodPart * (ranked.length + failed.length)));
  const good = ranked.slice(0, part);
  const others = [...ranked.slice(part), ...failed];
  const near = others.slice(0, mostBad / 2);
  const far = others.slice(mostBad / 2);
  const kept = thinned(far, mostBad - near.length);
  const waiting = results.waiting.filter(has);
  const weights = new Float64Array(near.length + kept.length + waiting.length).fill(1);
  if (kept.length > 0) weights.fill(far.length / kept.length, near.length, near.length + kept.length);
  return { good, bad: [...near, ...kept, ...waiting], weights };
}

/** At most `count` of them, evenly spaced. */
function thinned(rows: readonly Encoded[], count: number): Encoded[] {
  if (rows.length <= count) return [...rows];
  const kept: Encoded[] = [];
  for (let i = 0; i < count; i++) {
    const row = rows[Math.floor(((i + 0.5) * rows.length) / count)];
    if (row) kept.push(row);
  }
  return kept;
}
