import { describe, expect, it } from 'vitest';
import { coordinatorBus } from '../../support/buses.js';
import { assignment } from '../../support/messages.js';
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
});
