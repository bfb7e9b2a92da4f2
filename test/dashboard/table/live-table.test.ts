import { afterEach, describe, expect, it } from 'vitest';
import { LiveTable } from '../../../src/dashboard/server/table/live-table.js';
import { ServedStore } from '../support/serve.js';
import { definition } from '../support/sweeps.js';

/** What waits at it goes on when it is opened. */
class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => (this.open = resolve));
}

describe('live table', () => {
  let served: ServedStore | undefined;
  afterEach(() => served?.close());

  async function withTrials(count: number) {
    served = await ServedStore.open();
    const { store } = served;
    const sweep = await store.createSweep({ definition: definition(), source: '' });
    const add = (first: number, n: number) =>
      store.addTrials(
        sweep.id,
        Array.from({ length: n }, (_, index) => ({
          ...{ number: first + index, configuration: first + index, replicate: 0, seed: 1 },
          parameters: { nhidden: 4, lr: 0.001, optimizer: 'adam' },
        })),
      );
    await add(0, count);
    return { table: new LiveTable(store, sweep.id, sweep), store, sweep, add };
  }

  it('refresh - without patience it comes back with a part, whose revision is not that of the whole', async () => {
    const { table } = await withTrials(15_000);
    await table.refresh(0);
    expect(table.isWhole).toBe(false);
    expect(table.table.size).toBeGreaterThan(0);
    expect(table.table.size).toBeLessThan(15_000);
    expect(table.revision).toBe(table.table.revision - 1);
    await table.refresh();
    expect(table.isWhole).toBe(true);
    expect(table.table.size).toBe(15_000);
    expect(table.revision).toBe(15_000);
  });

  it('refresh - a part that turns out to be all of it is not kept as a part', async () => {
    const { store, sweep } = await withTrials(1_000);
    const second = new Gate();
    const table = new LiveTable(
      {
        outlinesSince: async (sweepId, revision, limit) => {
          if (revision > 0) await second.opened;
          return store.outlinesSince(sweepId, revision, limit);
        },
      },
      sweep.id,
      sweep,
    );
    await table.refresh(0);
    const part = table.revision;
    expect(table.keep('n', () => 'part')).toBe('part');
    second.open();
    await table.refresh();
    expect(table.revision).toBe(part + 1);
    expect(table.keep('n', () => 'whole')).toBe('whole');
  });

  it('refresh - what was read once is brought up to date whole, whatever the patience', async () => {
    const { table, add } = await withTrials(10);
    await table.refresh();
    await add(10, 12_000);
    await table.refresh(0);
    expect(table.isWhole).toBe(true);
    expect(table.table.size).toBe(12_010);
  });
});
