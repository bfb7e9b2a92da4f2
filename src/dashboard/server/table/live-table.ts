import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { SweepRecord, SweepStore } from '../../../store/sweep-store.js';
import { TrialTable } from './trial-table.js';

/**
 * Trials read at once: what holds up other work of the process for some 5 ms. To send a file takes several turns of its
 * loop, and each of them would wait for a longer one; all together take no longer for it.
 */
const pageSize = 1_000;
/** Results that are kept for one state of the table. */
const mostKept = 200;

/** The trials of one sweep as the store has them, brought up to date on demand by what has changed. */
export class LiveTable {
  readonly table: TrialTable;
  #refreshing: Promise<void> | undefined;
  readonly #kept = new Map<string, unknown>();
  #keptRevision = 0;
  #isWhole = false;
  usedAt = Date.now();

  constructor(
    private readonly store: Pick<SweepStore, 'outlinesSince'>,
    private readonly sweepId: string,
    { definition }: Pick<SweepRecord, 'definition'>,
  ) {
    this.table = new TrialTable(definition);
  }

  /** False while all trials are read for the first time: some are missing, those that are there are right. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** That of the table; one less for a part of it, so that whoever was told of a part asks again. */
  get revision(): number {
    return this.#isWhole ? this.table.revision : this.table.revision - 1;
  }

  /**
   * Reads what has changed; who asks meanwhile waits for the same.
   * @param patience milliseconds after which it returns with a part of the trials (`isWhole` is false), where they are
   *   read for the first time
   */
  async refresh(patience = Infinity): Promise<void> {
    this.usedAt = Date.now();
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    const refreshed = this.#refreshing;
    if (this.#isWhole || patience === Infinity) return refreshed;
    do await Promise.race([refreshed, delay(patience, undefined, { ref: false })]);
    while (!this.#isWhole && this.table.size === 0);
  }

  /** What `compute` gives for this state of the table, computed once. */
  keep<T>(key: string, compute: () => T): T {
    if (this.#keptRevision !== this.revision) this.#kept.clear();
    this.#keptRevision = this.revision;
    if (this.#kept.has(key)) return this.#kept.get(key) as T;
    const value = compute();
    if (this.#kept.size >= mostKept) this.#kept.clear();
    this.#kept.set(key, value);
    if (value instanceof Promise) value.catch(() => this.#kept.delete(key));
    return value;
  }

  async #refresh(): Promise<void> {
    for (;;) {
      const page = await this.store.outlinesSince(this.sweepId, this.table.revision, pageSize);
      this.table.apply(page);
      if (page.length < pageSize) break;
      await turn();
    }
    this.#isWhole = true;
  }
}
