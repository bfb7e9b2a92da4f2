import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { coordinatorBus, workerBus } from '../../support/buses.js';
import { assignment, report } from '../../support/messages.js';
import { natsProgram, startTestNats } from '../../support/nats.js';
import { sweepOver } from '../definitions.js';
import { startRunner } from './running.js';

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
