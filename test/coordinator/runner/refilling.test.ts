import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { coordinatorBus, workerBus } from '../../support/buses.js';
import { natsProgram, startTestNats } from '../../support/nats.js';
import { sweepOver } from '../definitions.js';
import { ScriptedWorker, startRunner } from './running.js';

describe.skipIf(!natsProgram)('dispatcher - trials ahead of the slots', () => {
  it('dispatcher - results that made no room do not count as slow replacement: a sampler that learns stays close', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const definition = sweepOver('{ x: { float: [0, 1] } }', 'search: { sampler: tpe, trials: 100 }');
    const { runner, store, sweep } = await startRunner(definition, await coordinatorBus(nats));
    let isSlow = false;
    const end = new AbortController();
    // Two slots, one of which stays free: what counts is how many trials are held ready.
    await ScriptedWorker.start(await workerBus(nats), 'worker1', async (number) => {
      await setTimeout(isSlow ? 60_000 : 50, undefined, { signal: end.signal }).catch(() => undefined);
      return { y: number };
    });
    await expect.poll(() => runner.progress().counts.completed, { timeout: 10_000 }).toBeGreaterThan(20);
    // The trial that runs now ends while nothing may be published.
    await runner.dispatcher.pause();
    await setTimeout(3_000);
    runner.dispatcher.resume();
    await expect.poll(() => runner.progress().counts.completed, { timeout: 10_000 }).toBeGreaterThan(30);
    isSlow = true;
    await setTimeout(1_500);
    const open = (await store.trials(sweep.id)).filter(({ state }) => state !== 'completed').length;
    end.abort();
    runner.requestEnd({ state: 'stopped', reason: 'seen', running: 'cancel', queued: 'cancel' });
    await runner.ended;
    expect(open).toBeLessThanOrEqual(3);
  }, 40_000);
});
