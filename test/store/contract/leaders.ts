import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SupersededError } from '../../../src/store/superseded-error.js';
import { UnknownSweepError } from '../../../src/store/unknown-sweep-error.js';
import type { StorePlace } from './harness.js';
import { newTrials, StoreHarness } from './harness.js';

/** Who leads a sweep, and who no longer does. */
export function leaders(makePlace: () => Promise<StorePlace>): void {
  describe('leaders', () => {
    let harness: StoreHarness;
    beforeAll(async () => void (harness = await StoreHarness.make(makePlace)));
    afterAll(() => harness.dispose());

    test('a leader - is known with its last sign of life, which usage is', async () => {
      const { id } = await harness.newSweep();
      expect(await harness.store.findSweep(id)).not.toHaveProperty('leader');
      const before = Date.now();
      await harness.store.lead(id, 'here:1');
      const led = (await harness.store.findSweep(id))?.leader;
      expect(led?.holder).toBe('here:1');
      expect(led?.seenAt).toBeGreaterThanOrEqual(before);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await harness.store.addUsage(id, { seconds: 5, slotSeconds: 0 });
      expect((await harness.store.findSweep(id))?.leader?.seenAt).toBeGreaterThan(led?.seenAt ?? Infinity);
    });

    test('a leader that was superseded - can write nothing any more, and who never led still can', async () => {
      const former = harness.store;
      const id = await harness.newTrials(2);
      await former.lead(id, 'here:1');
      const started = [{ number: 0, attempt: 1, workerId: 'w', startedAt: 5 }];
      await former.record({ sweepId: id, started });
      const next = await harness.again();
      await next.lead(id, 'there:2');
      const before = await harness.trial(id, 0);
      const result = {
        number: 0,
        attempt: 1,
        state: 'completed',
        metrics: { time: 1 },
        finishedAt: 9,
      } as const;
      for (const write of [
        () => former.record({ sweepId: id, results: [result] }),
        () =>
          former.record({
            sweepId: id,
            decisions: [{ sweepId: id, action: 'a', reason: 'r', decidedAt: 1 }],
          }),
        () => former.addTrials(id, newTrials(3)),
        () => former.setSweepState(id, 'failed', 'the machine slept'),
        () => former.addUsage(id, { seconds: 3_600, slotSeconds: 0 }),
      ])
        await expect(write()).rejects.toThrow(new SupersededError(id));
      expect(await harness.trial(id, 0)).toEqual(before);
      expect(await former.trials(id)).toHaveLength(2);
      expect(await former.findSweep(id)).toMatchObject({ state: 'running', usage: { seconds: 0 } });
      expect((await former.findSweep(id))?.leader?.holder).toBe('there:2');
      expect(await next.record({ sweepId: id, results: [result] })).toEqual({ accepted: [0] });
      await (await harness.again()).setSweepState(id, 'stopped', 'by a user');
      expect(await next.findSweep(id)).toMatchObject({ state: 'stopped' });
    });

    test('a sweep that is not stored - can not be led', async () => {
      await expect(harness.store.lead('nosuchid', 'here:1')).rejects.toThrow(UnknownSweepError);
    });
  });
}
