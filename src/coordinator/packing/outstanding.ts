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

/** Which part of a slot each of these running trials has: those of one pack share theirs. Pure; as `slotsOf` counts. */
export function slotParts(
  running: readonly ActiveTrial[],
  busySlots: (workerId: string) => number | undefined,
): (active: ActiveTrial) => number {
  const keyOf = ({ pack, trial }: ActiveTrial): number | string => pack ?? trial.workerId ?? '';
  const mates = new Map<number | string, number>();
  for (const active of running) mates.set(keyOf(active), (mates.get(keyOf(active)) ?? 0) + 1);
  return (active) => {
    const count = mates.get(keyOf(active)) ?? 1;
    if (active.pack !== undefined) return 1 / count;
    return Math.min(count, busySlots(active.trial.workerId ?? '') ?? count) / count;
  };
}
