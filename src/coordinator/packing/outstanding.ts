import type { ActiveTrial } from '../runner/trial-book.js';

/**
 * Slots that these trials take or wait for: those of one pack take one. Pure. What a former coordinator published is in
 * packs that this one does not know: a worker's trials then take as many slots as it says are taken.
 */
export function slotsOf(
  trials: Iterable<ActiveTrial>,
  busySlots: (workerId: string) => number | undefined,
): number {
  const packs = new Set<number>();
  const unknown = new Map<string, number>();
  let alone = 0;
  for (const { pack, trial } of trials) {
    if (pack !== undefined) packs.add(pack);
    else if (trial.workerId === undefined) alone++;
    else unknown.set(trial.workerId, (unknown.get(trial.workerId) ?? 0) + 1);
  }
  for (const [workerId, count] of unknown) alone += Math.min(count, busySlots(workerId) ?? count);
  return packs.size + alone;
}
