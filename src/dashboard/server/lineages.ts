import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { pbtOriginOf, type PbtOrigin } from '../../sweep/pbt.js';
import type { Trial } from '../../sweep/trial.js';
import type { TrialLineage } from '../api.js';
import { thin } from './thin.js';

/** Trials read at once. */
const pageSize = 2000;
/** Reports of earlier intervals in one answer, at most. */
const mostReports = 1000;

/** Which trial goes on from which, of the sweeps that train populations. */
export class Lineages {
  readonly #sweeps = new Map<string, Known>();

  constructor(private readonly store: SweepStore) {}

  /** Undefined where the trial is no interval of a member. */
  async of(sweep: SweepRecord, trial: Trial): Promise<TrialLineage | undefined> {
    const origin = pbtOriginOf(trial);
    if (!origin) return undefined;
    const known = this.#sweeps.get(sweep.id) ?? new Known();
    this.#sweeps.set(sweep.id, known);
    await known.refresh(this.store, sweep.id);
    const before = known.before(trial.number);
    const reports = await this.store.reportsOf(sweep.id, before, 1);
    return {
      member: origin.member,
      generation: origin.generation,
      before,
      after: [...(known.after.get(trial.number) ?? [])],
      reports: thin(reports, mostReports),
    };
  }
}

/** What is known of one sweep: where a trial begins never changes, so each is read once. */
class Known {
  readonly after = new Map<number, number[]>();
  readonly #origins = new Map<number, PbtOrigin>();
  #read = 0;
  #refreshing: Promise<void> | undefined;

  /** Who asks meanwhile waits for the same. */
  refresh(store: SweepStore, sweepId: string): Promise<void> {
    this.#refreshing ??= this.#refresh(store, sweepId).finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  /** The trials whose checkpoints led to it, oldest first. */
  before(number: number): number[] {
    const found: number[] = [];
    for (let at = this.#origins.get(number)?.from; at !== undefined; at = this.#origins.get(at)?.from)
      found.unshift(at);
    return found;
  }

  async #refresh(store: SweepStore, sweepId: string): Promise<void> {
    for (;;) {
      const page = await store.trials(sweepId, { offset: this.#read, limit: pageSize });
      for (const trial of page) {
        const origin = pbtOriginOf(trial);
        if (!origin) continue;
        this.#origins.set(trial.number, origin);
        if (origin.from !== undefined)
          this.after.set(origin.from, [...(this.after.get(origin.from) ?? []), trial.number]);
      }
      this.#read += page.length;
      if (page.length < pageSize) return;
    }
  }
}
