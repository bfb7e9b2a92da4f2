/** A sweep that wants slots of a pool. */
export interface Claimant {
  readonly id: string;
  /** Its priority: twice it, twice the slots. Above 0. */
  readonly weight: number;
  /** Slots that it could use now. A whole number, or Infinity. */
  readonly demand: number;
  /** What it had of the pool so far, in slot-seconds divided by its weight, as `Served` counts it. */
  readonly served: number;
}

/**
 * Divides the slots of a pool by weight. What a sweep can't use goes to the others (no slot is idle while one wants it),
 * and what is left of whole slots to those that had the least so far, so that over time also sweeps that are more than
 * the slots get their parts. Pure. Whole numbers; their sum is the smaller of `slots` and all demand.
 */
export function fairShares(slots: number, claimants: readonly Claimant[]): Map<string, number> {
  const exact = new Map<string, number>();
  let open = [...claimants];
  let left = slots;
  // Who wants less than its part is served first: the rest is divided anew.
  for (;;) {
    const weights = open.reduce((sum, { weight }) => sum + weight, 0);
    const modest = open.filter(({ demand, weight }) => demand <= (left * weight) / weights);
    if (modest.length === 0) {
      for (const { id, weight } of open) exact.set(id, (left * weight) / weights);
      break;
    }
    for (const { id, demand } of modest) exact.set(id, demand);
    left -= modest.reduce((sum, { demand }) => sum + demand, 0);
    open = open.filter((claimant) => !modest.includes(claimant));
    if (open.length === 0) break;
  }
  // A part like 2.9999999999999996 is 3.
  const whole = (part: number): number => Math.floor(part + 1e-9);
  const shares = new Map([...exact].map(([id, part]) => [id, whole(part)]));
  let spare = Math.round([...exact].reduce((sum, [, part]) => sum + part - whole(part), 0));
  const byNeed = open.sort((a, b) => a.served - b.served || (a.id < b.id ? -1 : 1));
  for (const { id } of byNeed) {
    if (spare === 0) break;
    const share = shares.get(id) ?? 0;
    if ((exact.get(id) ?? 0) - share < 1e-9) continue;
    shares.set(id, share + 1);
    spare--;
  }
  return shares;
}

/** What each sweep had of a pool, for `fairShares`. The clock is handed in, in milliseconds. */
export class Served {
  readonly #served = new Map<string, number>();
  #at: number | undefined;

  /**
   * Counts the time since the last call. Who is new, or wanted nothing, begins with the least that those have who want
   * something: what one did not want is not owed to it.
   */
  count(users: readonly (Omit<Claimant, 'served'> & { readonly use: number })[], now: number): Claimant[] {
    const seconds = this.#at === undefined ? 0 : Math.max(0, now - this.#at) / 1_000;
    this.#at = now;
    const known = users.flatMap(({ id, demand }) => (demand > 0 ? (this.#served.get(id) ?? []) : []));
    const least = known.length === 0 ? 0 : Math.min(...known);
    const claimants = users.map(({ id, weight, demand, use }) => {
      const before = this.#served.get(id);
      const from = before === undefined || demand === 0 ? Math.max(before ?? 0, least) : before;
      return { id, weight, demand, served: from + (use * seconds) / weight };
    });
    this.#served.clear();
    for (const { id, served } of claimants) this.#served.set(id, served);
    return claimants;
  }
}
