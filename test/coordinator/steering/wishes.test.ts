import { describe, expect, it } from 'vitest';
import { StoreWriter, WriteAbandonedError } from '../../../src/coordinator/runner/store-writer.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import { Wishes } from '../../../src/coordinator/steering/wishes.js';
import type { SweepRecord, SweepStore } from '../../../src/store/sweep-store.js';
import { sweepOver } from '../definitions.js';

describe('wishes', () => {
  it('wishes - whoever asked hears of it where the trial can not be stored any more', async () => {
    const wishes = new Wishes();
    const writer = new StoreWriter(() => undefined);
    const sweep = { id: 's', definition: sweepOver('{ x: { int: [0, 9] } }') } as SweepRecord;
    const store = {
      addTrials: () => Promise.reject(new Error('locked')),
    } as Partial<SweepStore> as SweepStore;
    const asked = [wishes.add({ x: 1 }), wishes.add({ x: 2 })].map((one) =>
      one.catch((error: unknown) => (error as Error).message),
    );
    const fulfilled = wishes.fulfil({ sweep, book: new TrialBook(), store, writer, now: () => 0 });
    // Another coordinator has taken over.
    writer.abandon();
    await expect(fulfilled).rejects.toThrow(WriteAbandonedError);
    wishes.close();
    expect(await Promise.all(asked)).toEqual([
      'the trial was not stored: the sweep has just ended here',
      'the sweep has just ended',
    ]);
  }, 30_000);
});
