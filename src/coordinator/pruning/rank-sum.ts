/**
 * Wilcoxon's rank-sum test, exact and one-sided: the chance that values of one kind, cut into two groups of these
 * sizes at random, put the first group so far above the second or further. Small: `a` is larger than `b`. Ties count
 * half, and the distribution is the one without ties, which makes the test a little careful. Undefined where a group is
 * empty. O((|a| |b|)^2).
 */
export function rankSumChance(a: readonly number[], b: readonly number[]): number | undefined {
  if (a.length === 0 || b.length === 0) return undefined;
  let below = 0;
  for (const x of a) for (const y of b) below += x > y ? 1 : x === y ? 0.5 : 0;
  const ways = countsOfU(a.length, b.length);
  const total = ways.reduce((sum, count) => sum + count, 0);
  const asFar = ways.reduce((sum, count, u) => sum + (u >= Math.floor(below) ? count : 0), 0);
  return asFar / total;
}

/** How many of the orders of m and n values give each value 0 .. m n of Mann and Whitney's U. */
function countsOfU(m: number, n: number): number[] {
  // Orders of i and j values: the largest is of the first group (and above all j of the second) or of the second.
  const table: number[][][] = [];
  for (let i = 0; i <= m; i++) {
    const row: number[][] = [];
    for (let j = 0; j <= n; j++) {
      const counts = new Array<number>(i * j + 1).fill(0);
      if (i === 0 || j === 0) counts[0] = 1;
      else {
        table[i - 1]?.[j]?.forEach((count, u) => (counts[u + j] = (counts[u + j] ?? 0) + count));
        row[j - 1]?.forEach((count, u) => (counts[u] = (counts[u] ?? 0) + count));
      }
      row.push(counts);
    }
    table.push(row);
  }
  return table[m]?.[n] ?? [1];
}
