import type { ActiveTrial } from './trial-book.js';

/** The packs in which these were published, as far as they are among them. */
export function publishedTogether(trials: readonly ActiveTrial[]): ActiveTrial[][] {
  const packs = new Map<number | ActiveTrial, ActiveTrial[]>();
  for (const active of trials) {
    const id = active.pack ?? active;
    packs.set(id, [...(packs.get(id) ?? []), active]);
  }
  return [...packs.values()];
}
