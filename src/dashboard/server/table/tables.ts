import type { SweepRecord, SweepStore } from '../../../store/sweep-store.js';
import { LiveTable } from './live-table.js';

/** Tables that are kept for the next one who asks, at most. */
const mostTables = 8;

/** The tables of the sweeps that somebody asked about lately. */
export class Tables {
  readonly #tables = new Map<string, LiveTable>();

  constructor(private readonly store: SweepStore) {}

  /** Reads the newest sweep before anybody asks: it is the one that they will ask for. */
  async warm(): Promise<void> {
    const [newest] = await this.store.listSweeps();
    if (newest) await this.fresh(newest);
  }

  /** As the store has it now; `patience` is that of `LiveTable.refresh`. */
  async fresh(sweep: SweepRecord, patience?: number): Promise<LiveTable> {
    const table = this.of(sweep);
    await table.refresh(patience);
    return table;
  }

  /** As it was read last. */
  of(sweep: SweepRecord): LiveTable {
    const known = this.#tables.get(sweep.id);
    if (known) return known;
    const table = new LiveTable(this.store, sweep.id, sweep);
    this.#tables.set(sweep.id, table);
    if (this.#tables.size > mostTables) this.#forgetOne();
    return table;
  }

  #forgetOne(): void {
    const [oldest] = [...this.#tables].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    if (oldest) this.#tables.delete(oldest[0]);
  }
}
