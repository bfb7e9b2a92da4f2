import { describe, expect, it } from 'vitest';
import { CheckpointTidying } from '../../../src/coordinator/runner/checkpoint-tidying.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import type { Trial } from '../../../src/sweep/trial.js';
import { coordinatorBus, workerBus } from '../../support/buses.js';
import { natsProgram, startTestNats } from '../../support/nats.js';
import { eventually, no } from '../../integration/house.js';

describe.skipIf(!natsProgram)('CheckpointTidying', () => {
  it('checkpoints - those of trials with a result go, others stay until the sweep is completed', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const bus = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    const book = new TrialBook();
    const states: Trial['state'][] = [
      'completed',
      'queued',
      'paused',
      'pruned',
      'cancelled',
      'running',
      'failed',
      'completed',
      'completed',
    ];
    for (const [number, state] of states.entries()) {
      const trial = { sweepId: 's', number, configuration: number, replicate: 0, seed: 1, parameters: {} };
      // The one that is queued goes on from a completed one.
      const origin = number === 1 ? { origin: { pbt: { member: 0, generation: 1, from: 7 } } } : {};
      book.restore({ ...trial, ...origin, state, attempts: 1, metrics: {}, createdAt: 0 });
      const checkpoint = { step: 1, state: new Uint8Array(1), metrics: {}, attempt: 1 };
      await worker.saveCheckpoint({ sweepId: 's', number }, checkpoint);
    }
    const said: string[] = [];
    let wanted = new Set([8]);
    const tidying = new CheckpointTidying(
      bus,
      's',
      book,
      () => wanted,
      (line) => said.push(line),
    );
    const present = async (): Promise<number[]> => (await bus.checkpoints('s')).sort((a, b) => a - b);
    expect(await present()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    tidying.tick(20_000);
    await eventually('they are dropped', async () => ((await present()).length === 6 ? undefined : no()));
    expect(await present()).toEqual([1, 2, 4, 5, 7, 8]);
    wanted = new Set();
    tidying.tick(40_000);
    await eventually('8 is dropped', async () => ((await present()).length === 5 ? undefined : no()));
    expect(await present()).toEqual([1, 2, 4, 5, 7]);
    await tidying.dropAll();
    expect(await present()).toEqual([]);
    expect(said).toEqual([]);
  });
});
