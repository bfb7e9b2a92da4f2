import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { coordinatorBus, workerBus } from '../../support/buses.js';
import { assignment, claim, report } from '../../support/messages.js';
import { natsProgram, startTestNats } from '../../support/nats.js';
import { sweepOver } from '../definitions.js';
import { TrialBook } from '../../../src/coordinator/runner/trial-book.js';
import { SupersededError } from '../../../src/store/superseded-error.js';
import type { SweepStore } from '../../../src/store/sweep-store.js';
import { busBut, startRunner } from './running.js';

describe.skipIf(!natsProgram)('runner - abandoning', () => {
  it.each([
    ['completed', 0],
    ['running', 1],
  ] as const)(
    'runner - what got through late to the stream, of a sweep that is %s by now: %i are left',
    async (state, left) => {
      const nats = await startTestNats({ untilTestEnds: true });
      const bus = await coordinatorBus(nats);
      const definition = sweepOver('{ x: { int: [0, 9] } }', 'search: { sampler: grid }');
      const { runner, store, sweep } = await startRunner(definition, bus);
      await bus.publishAssignments('default', [assignment(0, sweep.id)]);
      expect(await bus.pendingAssignments('default', sweep.id)).toBe(1);
      await store.setSweepState(sweep.id, state);
      await runner.abandon();
      expect(await bus.pendingAssignments('default', sweep.id)).toBe(left);
    },
  );

  it('runner - is superseded while it starts: its end says so, and it answers no claim', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const bus = await coordinatorBus(nats);
    const definition = sweepOver('{ x: { int: [0, 9] } }', 'search: { sampler: grid }');
    const book = new TrialBook();
    book.add('s', [{ number: 0, configuration: 0, replicate: 0, seed: 1, parameters: {} }], 0);
    const led = { findSweep: () => Promise.resolve(undefined) } as Partial<SweepStore> as SweepStore;
    led.record = (batch) => Promise.reject(new SupersededError(batch.sweepId));
    const reading = busBut(bus, {
      consumeReports: async (sweepId, handle) => {
        const subscription = await bus.consumeReports(sweepId, handle);
        await handle([report(0, 1, sweepId)]).catch(() => undefined);
        return subscription;
      },
    });
    const { runner, sweep } = await startRunner(definition, reading, { store: led, book });
    await expect(runner.ended).rejects.toThrow(SupersededError);
    const worker = await workerBus(nats);
    expect(await worker.claim(claim([0], sweep.id), AbortSignal.timeout(1_000))).toBeUndefined();
  });

  it.each([
    [true, 0],
    [false, 1],
  ])(
    'runner - a report that changes nothing, lease certain: %s: the next coordinator reads %i',
    async (isAlone, read) => {
      const nats = await startTestNats({ untilTestEnds: true });
      const bus = await coordinatorBus(nats);
      const definition = sweepOver('{ x: { int: [0, 9] } }', 'search: { sampler: grid }');
      const { runner, sweep } = await startRunner(definition, bus, { isAlone: () => isAlone });
      const worker = await workerBus(nats);
      worker.report(report(99, 1, sweep.id));
      await worker.flushReports();
      await setTimeout(500);
      await runner.abandon();
      const found: number[] = [];
      const next = await bus.consumeReports(sweep.id, (reports) => {
        found.push(...reports.map(({ number }) => number));
        return Promise.resolve();
      });
      await next.caughtUp();
      await next.stop();
      expect(found).toEqual(Array(read).fill(99));
    },
  );
});
