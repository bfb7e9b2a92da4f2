/** What a configuration came to, and how far it was trained: Infinity where it was trained to its end. */
export interface Reached {
  readonly step: number;
  /** At that step. Smaller is better. */
  readonly costs: readonly number[];
}

/** So many results at one step are enough to go by. */
const enough = 4;

/**
 * Costs that can be compared, in the order of `results`. A value at step 3 says nothing beside one at step 81, so values
 * of one step alone are taken as they are: of those that were trained to their end or, as long as these are too few, of
 * the furthest step at which enough were stopped (as BOHB takes the highest budget: Falkner et al. 2018). Who went further than that is taken
 * for as good as the best there. Who was stopped before comes to lie between the median and the worst there, in the
 * order in which one was stopped: later before earlier, and at one step by the first cost.
 */
export function atOneFidelity(results: readonly Reached[]): readonly (readonly number[])[] {
  if (results.every(({ step }) => step === Infinity)) return results.map(({ costs }) => costs);
  const base = baseStep(results);
  const earlier = results
    .filter(({ step }) => step < base)
    .sort((a, b) => b.step - a.step || (a.costs[0] ?? 0) - (b.costs[0] ?? 0));
  const places = new Map(earlier.map((result, i) => [result, (i + 1) / (earlier.length + 1)]));
  const scales = (results[0]?.costs ?? []).map((_, axis) => {
    const values = results
      .filter(({ step }) => step === base)
      .map(({ costs }) => costs[axis] ?? 0)
      .sort((a, b) => a - b);
    const [best = 0, median = 0, worst = 0] = [values[0], values[values.length >> 1], values.at(-1)];
    return { best, median, width: worst - median || Math.abs(median) / 10 || 1 };
  });
  return results.map((result) => {
    if (result.step === base) return result.costs;
    const place = places.get(result);
    return scales.map(({ best, median, width }) => (place === undefined ? best : median + place * width));
  });
}

/** The furthest step with enough results; where there is none, the one with most. */
function baseStep(results: readonly Reached[]): number {
  const counts = new Map<number, number>();
  for (const { step } of results) counts.set(step, (counts.get(step) ?? 0) + 1);
  const steps = [...counts].sort(([a], [b]) => b - a);
  const most = Math.max(...counts.values());
  return steps.find(([, count]) => count >= Math.min(enough, most))?.[0] ?? Infinity;
}
