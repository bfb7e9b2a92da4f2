import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UnknownSweepError } from '../../../src/store/unknown-sweep-error.js';
import type { WorkerRecord } from '../../../src/store/sweep-store.js';
import type { StorePlace } from './harness.js';
import { definition, StoreHarness } from './harness.js';

/** Sweeps and workers. */
export function sweeps(makePlace: () => Promise<StorePlace>): void {
  describe('sweeps', () => {
    let harness: StoreHarness;
    beforeAll(async () => void (harness = await StoreHarness.make(makePlace)));
    afterAll(() => harness.dispose());

    test('a sweep - is kept as it was given, the order of its keys too', async () => {
      const given = definition({ name: 'kept' });
      const source = 'name: kept\n# ünïcode \u0000 and a comment\n';
      const before = Date.now();
      const created = await harness.store.createSweep({ definition: given, source });
      expect(created).toMatchObject({ state: 'running', usage: { seconds: 0, slotSeconds: 0 } });
      expect(created.id).toMatch(/^[0-9a-z]{8}$/);
      expect(created.createdAt).toBeGreaterThanOrEqual(before);
      const found = await (await harness.again()).findSweep(created.id);
      expect(found).toEqual({ ...created, source: source.replace('\u0000', '\uFFFD') });
      expect(JSON.stringify(found?.definition)).toBe(JSON.stringify(given));
    });

    test('a sweep - is found by id, else by name, and then the newest', async () => {
      const older = await harness.newSweep({ name: 'twice' });
      const newer = await harness.newSweep({ name: 'twice' });
      // Somebody names a sweep as the id of another.
      const impostor = await harness.newSweep({ name: older.id });
      expect((await harness.store.findSweep('twice'))?.id).toBe(newer.id);
      expect((await harness.store.findSweep(older.id))?.id).toBe(older.id);
      expect((await harness.store.findSweep(impostor.id))?.definition.name).toBe(older.id);
      expect(await harness.store.findSweep('nobody')).toBeUndefined();
      const listed = (await harness.store.listSweeps()).map(({ id }) => id);
      expect(listed.slice(0, 3)).toEqual([impostor.id, newer.id, older.id]);
    });

    test('the state of a sweep - has its reason and its end', async () => {
      const { id } = await harness.newSweep();
      await harness.store.setSweepState(id, 'failed', 'every trial failed');
      const failed = await harness.store.findSweep(id);
      expect(failed).toMatchObject({ state: 'failed', reason: 'every trial failed' });
      expect(failed?.finishedAt).toBeGreaterThanOrEqual(failed?.createdAt ?? Infinity);
      await harness.store.setSweepState(id, 'running');
      const again = await harness.store.findSweep(id);
      expect(again?.state).toBe('running');
      expect(again).not.toHaveProperty('reason');
      expect(again).not.toHaveProperty('finishedAt');
    });

    test('usage - adds up', async () => {
      const { id } = await harness.newSweep();
      await harness.store.addUsage(id, { seconds: 1.5, slotSeconds: 3 });
      await Promise.all(
        [1, 2, 3].map((seconds) => harness.store.addUsage(id, { seconds, slotSeconds: 0.25 })),
      );
      expect((await harness.store.findSweep(id))?.usage).toEqual({ seconds: 7.5, slotSeconds: 3.75 });
    });

    test('a sweep that is not there - is refused by what writes, and empty to who reads', async () => {
      const { store } = harness;
      await expect(store.setSweepState('nobody', 'stopped')).rejects.toThrow(UnknownSweepError);
      await expect(store.addUsage('nobody', { seconds: 1, slotSeconds: 1 })).rejects.toThrow(
        UnknownSweepError,
      );
      await expect(store.addTrials('nobody', [])).rejects.toThrow('the store has no sweep nobody');
      await expect(store.record({ sweepId: 'nobody' })).rejects.toThrow(UnknownSweepError);
      expect(await store.trials('nobody')).toEqual([]);
      expect(await store.changesSince('nobody', 0, 10)).toEqual([]);
      expect(await store.decisions('nobody')).toEqual([]);
      expect(await store.trial({ sweepId: 'nobody', number: 0 })).toBeUndefined();
      expect(Object.values(await store.countTrials('nobody'))).toEqual([0, 0, 0, 0, 0, 0, 0]);
    });

    test('workers - are known by their id, and the latest word counts', async () => {
      const worker: WorkerRecord = {
        id: 'worker-1',
        host: 'höst',
        pool: 'default',
        state: 'running',
        slots: 2,
        busy: 1,
        backend: 'wasm',
        device: 'CPU, 2 cores',
        memoryBytes: 68_719_476_736,
        startedAt: 1_790_000_000_000,
        seenAt: 1_790_000_000_500,
      };
      const second = { ...worker, id: 'worker-2', startedAt: worker.startedAt + 1 };
      await harness.store.recordWorkers([second, worker]);
      const later: WorkerRecord = { ...worker, state: 'lost', busy: 0, seenAt: worker.seenAt + 1000 };
      await harness.store.recordWorkers([worker, later]);
      await harness.store.recordWorkers([]);
      expect(await harness.store.listWorkers()).toEqual([later, second]);
    });

    test('amendments - stand with the sweep, the last ones count, and come with the decision about them', async () => {
      const { store } = harness;
      const sweep = await store.createSweep({ definition: definition(), source: '' });
      expect(sweep.amendments).toBeUndefined();
      const decision = { sweepId: sweep.id, action: 'set', reason: 'concurrency: 2 -> 4', decidedAt: 1 };
      await store.record({ sweepId: sweep.id, amendments: { concurrency: 4 }, decisions: [decision] });
      await store.record({ sweepId: sweep.id, amendments: { concurrency: null, bounds: { x: [1, 2] } } });
      await store.record({ sweepId: sweep.id });
      const stored = { concurrency: null, bounds: { x: [1, 2] } };
      expect((await store.findSweep(sweep.id))?.amendments).toEqual(stored);
      expect(await store.sweepDecisions(sweep.id)).toEqual([decision]);
    });

    test('a store that was closed - refuses what is asked of it', async () => {
      const store = await harness.again();
      await store.close();
      await store.close();
      await expect(store.listSweeps()).rejects.toThrow('the store is closed');
      await expect(store.recordWorkers([])).rejects.toThrow('the store is closed');
    });
  });
}
