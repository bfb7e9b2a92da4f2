import type { RunningSweep } from '../run-sweep.js';
import { fairShares, Served } from './fair-shares.js';

/** Milliseconds between two divisions of the pools. */
const interval = 250;

/** Divides the slots of each pool among the sweeps that run here, again and again, until `stop`. */
export class PoolSharing {
  readonly #served = new Map<string, Served>();
  readonly #timer: NodeJS.Timeout;

  /** @param running by sweep id; may change */
  constructor(private readonly running: ReadonlyMap<string, RunningSweep>) {
    this.#timer = setInterval(() => this.divide(Date.now()), interval);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @param now milliseconds */
  divide(now: number): void {
    const pools = new Map<string, [string, RunningSweep][]>();
    for (const entry of this.running) {
      const { pool } = entry[1].runner.dispatcher.definition.workers;
      pools.set(pool, [...(pools.get(pool) ?? []), entry]);
    }
    for (const [pool, sweeps] of pools) {
      const served = this.#served.get(pool) ?? new Served();
      this.#served.set(pool, served);
      const users = sweeps.map(([id, { runner, steering }]) => {
        const { demand, use } = runner.dispatcher;
        // Workers that can't train one sweep are no slots for it.
        return { id, weight: steering.priority, demand: Math.min(demand, runner.fleet.slots), use };
      });
      const slots = Math.max(...sweeps.map(([, { runner }]) => runner.fleet.slots));
      const shares = fairShares(slots, served.count(users, now));
      for (const [id, { runner }] of sweeps)
        runner.dispatcher.share = sweeps.length === 1 ? Infinity : (shares.get(id) ?? 0);
    }
    for (const pool of this.#served.keys()) if (!pools.has(pool)) this.#served.delete(pool);
  }
}
