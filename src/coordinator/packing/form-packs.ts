/** What limits the packs that are formed now. */
export interface PackRules<T> {
  /** Slots to fill: packs at most. */
  readonly room: number;
  /** Trials in all packs together, at most. */
  readonly mostTrials: number;
  /** Trials that will come beside those that wait: as long as there are enough, packs are filled. */
  readonly more: number;
  /** Items with equal keys may be together; undefined: alone. */
  keyOf(item: T): string | undefined;
  /** Trials of that key in one pack, at most. */
  sizeOf(key: string): number;
}

/**
 * Forms packs of what waits. Pure. The longest waiting come first, and take with them those of their key that wait
 * behind others. Where not enough is left to fill all slots, packs are smaller rather than slots empty: each takes its
 * fair share of what is left. An item is in one pack at most; what is in none goes on waiting.
 */
export function formPacks<T>(waiting: readonly T[], rules: PackRules<T>): T[][] {
  const { room, mostTrials, more } = rules;
  const packs: T[][] = [];
  const byKey = new Map<string, T[]>();
  for (const item of waiting) {
    const key = rules.keyOf(item);
    if (key === undefined) continue;
    const same = byKey.get(key);
    if (same) same.push(item);
    else byKey.set(key, [item]);
  }
  const taken = new Set<T>();
  for (const first of waiting) {
    if (packs.length >= room || taken.size >= mostTrials) break;
    if (taken.has(first)) continue;
    const share = Math.ceil((waiting.length - taken.size + more) / (room - packs.length));
    const key = rules.keyOf(first);
    const size =
      key === undefined ? 1 : Math.max(1, Math.min(rules.sizeOf(key), share, mostTrials - taken.size));
    const same = (key === undefined ? undefined : byKey.get(key)) ?? [first];
    const pack = same.splice(0, size);
    for (const item of pack) taken.add(item);
    packs.push(pack);
  }
  return packs;
}
