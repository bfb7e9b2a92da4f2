import type { StoreOptions } from '../../../src/store/open-store.js';
import { openStore } from '../../../src/store/open-store.js';
import type { NewTrial, ReportRecord, SweepRecord, SweepStore } from '../../../src/store/sweep-store.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import type { Trial } from '../../../src/sweep/trial.js';

/** An empty store somewhere. */
export interface StorePlace {
  readonly options: StoreOptions;
  /** Removes it. */
  readonly remove: () => Promise<void>;
}

/** Stores that were opened in one place; what a group of contract tests works with. */
export class StoreHarness {
  readonly #opened: SweepStore[] = [];

  private constructor(
    readonly place: StorePlace,
    readonly store: SweepStore,
  ) {
    this.#opened.push(store);
  }

  static async make(makePlace: () => Promise<StorePlace>): Promise<StoreHarness> {
    const place = await makePlace();
    return new StoreHarness(place, await openStore(place.options));
  }

  /** Another connection to the same store. */
  async again(more: { readOnly?: boolean } = {}): Promise<SweepStore> {
    const store = await openStore({ ...this.place.options, ...more });
    this.#opened.push(store);
    return store;
  }

  newSweep(changes: Partial<SweepDefinition> = {}): Promise<SweepRecord> {
    return this.store.createSweep({ definition: definition(changes), source: 'name: sweep # as it was\n' });
  }

  /** A sweep with that many queued trials, numbered from 0. Returns its id. */
  async newTrials(count: number, changes: Partial<SweepDefinition> = {}): Promise<string> {
    const { id } = await this.newSweep(changes);
    await this.store.addTrials(id, newTrials(count));
    return id;
  }

  async trial(sweepId: string, number: number): Promise<Trial> {
    const trial = await this.store.trial({ sweepId, number });
    if (!trial) throw new Error(`trial ${number} of ${sweepId} is not stored`);
    return trial;
  }

  /** The sweep's last revision. */
  async revision(sweepId: string): Promise<number> {
    const changes = await this.store.changesSince(sweepId, 0, 1_000_000);
    return changes.at(-1)?.revision ?? 0;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#opened.map((store) => store.close()));
    await this.place.remove();
  }
}

export function definition(changes: Partial<SweepDefinition> = {}): SweepDefinition {
  return {
    name: 'sweep',
    trainable: { kind: 'builtin', name: 'har' },
    fixed: { passes: 3, dataset: { name: 'uci-har' } },
    // Neither alphabetic nor by length: the order is to be kept.
    space: {
      width: { kind: 'int', low: 1, high: 25, step: 1, log: false },
      lr: { kind: 'float', low: 0.0005, high: 0.005, log: true },
      a: { kind: 'choice', values: ['x', true, 3] },
    },
    constraints: [],
    objectives: { time: 'minimize', accuracy: 'maximize' },
    limits: ['memory <= 16384'],
    search: { sampler: 'random', trials: 66, seed: 1, startWith: [{ lr: 0.001 }] },
    replicates: 1,
    budget: { time: 7200 },
    trial: { retries: 2 },
    workers: { pool: 'default', pack: 1 },
    ...changes,
  };
}

export function newTrials(count: number, first = 0): NewTrial[] {
  return Array.from({ length: count }, (_, index) => ({
    number: first + index,
    configuration: first + index,
    replicate: 0,
    seed: 1000 + first + index,
    parameters: { width: first + index, lr: 0.001 },
  }));
}

export function report(number: number, sequence: number, metrics: Record<string, number>): ReportRecord {
  return { number, attempt: 1, sequence, step: sequence * 10, metrics, reportedAt: 5000 + sequence };
}

export const begin = (
  number: number,
  attempt = 1,
): {
  number: number;
  attempt: number;
  workerId: string;
  startedAt: number;
} => ({ number, attempt, workerId: `worker-${attempt}`, startedAt: 4000 + attempt });
