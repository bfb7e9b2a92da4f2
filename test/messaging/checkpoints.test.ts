import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import type { WorkerBus } from '../../src/messaging/bus.js';
import type { Checkpoint } from '../../src/messaging/checkpoints.js';
import type { TrialKey } from '../../src/sweep/trial.js';
import { coordinatorBus, workerBus } from '../support/buses.js';
import { natsProgram, startTestNats } from '../support/nats.js';

const trial = { sweepId: 'sweep1', number: 12 };

/** Compares large states fast. */
async function expectStored(worker: WorkerBus, of: TrialKey, wanted: Checkpoint): Promise<void> {
  const { state, ...rest } = (await worker.loadCheckpoint(of)) ?? { state: new Uint8Array() };
  const { state: wantedState, ...wantedRest } = wanted;
  expect(rest).toEqual(wantedRest);
  expect(Buffer.compare(state, wantedState)).toBe(0);
}

function bytes(size: number, first: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (first + i) % 251);
}

describe.skipIf(!natsProgram)('checkpoints', () => {
  it('checkpoints - the newest of a trial replaces the one before; another worker reads it', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    await coordinatorBus(nats);
    const [one, two] = [await workerBus(nats), await workerBus(nats)];
    expect(await two.loadCheckpoint(trial)).toBeUndefined();
    await one.saveCheckpoint(trial, { step: 3, state: bytes(10, 1), metrics: {}, attempt: 1 });
    const newest = { step: 4.5, state: bytes(700_000, 7), metrics: { loss: 0.25 }, attempt: 2 };
    await one.saveCheckpoint(trial, newest);
    await expectStored(two, trial, newest);
    const empty = { step: 5, state: new Uint8Array(), metrics: {}, attempt: 2 };
    await one.saveCheckpoint(trial, empty);
    await expectStored(two, trial, empty);
  });

  it('checkpoints - the coordinator sees those of a sweep and drops them, data and all', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    const checkpoint = { step: 1, state: bytes(300_000, 2), metrics: {}, attempt: 1 };
    for (const number of [0, 5, 10]) await worker.saveCheckpoint({ sweepId: 'sweep1', number }, checkpoint);
    await worker.saveCheckpoint({ sweepId: 'sweep10', number: 3 }, checkpoint);
    expect((await coordinator.checkpoints('sweep1')).sort((a, b) => a - b)).toEqual([0, 5, 10]);
    await coordinator.dropCheckpoints('sweep1', [0, 10, 11]);
    expect(await coordinator.checkpoints('sweep1')).toEqual([5]);
    expect(await worker.loadCheckpoint({ sweepId: 'sweep1', number: 10 })).toBeUndefined();
    await expectStored(worker, { sweepId: 'sweep1', number: 5 }, checkpoint);
    await coordinator.dropCheckpoints('sweep1', [5]);
    expect(await coordinator.checkpoints('sweep10')).toEqual([3]);
  });

  it(
    'checkpoints - one that is replaced all the time is read whole, and soon',
    { timeout: 90_000 },
    async () => {
      const nats = await startTestNats({ untilTestEnds: true });
      await coordinatorBus(nats);
      const [writer, reader] = [await workerBus(nats), await workerBus(nats)];
      let isRead = false;
      const write = async (): Promise<void> => {
        for (let step = 1; !isRead; step++)
          await writer.saveCheckpoint(trial, { step, state: bytes(600_000, step), metrics: {}, attempt: 1 });
      };
      const writing = write();
      while (!(await reader.loadCheckpoint(trial)));
      const taken: number[] = [];
      const steps: number[] = [];
      for (let i = 0; i < 40; i++) {
        const begun = performance.now();
        const found = await reader.loadCheckpoint(trial);
        taken.push(performance.now() - begun);
        if (!found) continue;
        steps.push(found.step);
        expect(Buffer.compare(found.state, bytes(600_000, found.step))).toBe(0);
      }
      isRead = true;
      await writing;
      expect(steps.length).toBeGreaterThan(30);
      expect(steps.at(-1)).toBeGreaterThan(steps[0] ?? Infinity);
      // A third of them was replaced while it was read: that is seen, not waited out.
      expect(taken.filter((milliseconds) => milliseconds > 2_500).length).toBeLessThan(4);
    },
  );

  it('checkpoints - are there after nats-server was killed', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    await coordinatorBus(nats);
    const worker = await workerBus(nats);
    const checkpoint = { step: 1, state: bytes(300_000, 2), metrics: {}, attempt: 1 };
    await worker.saveCheckpoint(trial, checkpoint);
    nats.kill();
    await expectStored(worker, trial, checkpoint);
  });
});
