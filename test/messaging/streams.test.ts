import { describe, expect, it } from 'vitest';
import { connectToNats } from '../../src/messaging/connection.js';
import { EnvironmentError } from '../../src/support/errors.js';
import { coordinatorBus } from '../support/buses.js';
import { assignment } from '../support/messages.js';
import { natsProgram, startTestNats } from '../support/nats.js';

describe.skipIf(!natsProgram)('streams', () => {
  it('streams - eight coordinators that come to a new nats-server in the same instant all get to work', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const buses = await Promise.all(Array.from({ length: 8 }, () => coordinatorBus(nats)));
    await Promise.all(buses.map((bus, number) => bus.publishAssignments('default', [assignment(number)])));
    expect(await buses[0]?.pendingAssignments('default')).toBe(8);
  });

  it("streams - somebody else's stream has our subjects: an error that says so", async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const stranger = await connectToNats({
      address: nats.coordinator,
      name: 'stranger',
      role: 'coordinator',
    });
    const manager = await stranger.nats.jetstreamManager();
    await manager.streams.add({ name: 'MINE', subjects: ['assign.>'] });
    const connecting = coordinatorBus(nats);
    await expect(connecting).rejects.toThrow(EnvironmentError);
    await expect(connecting).rejects.toThrow(
      /a stream that is not Sweepyard's, with subjects of ASSIGNMENTS \(assign\.\*\.\*\)/,
    );
    await stranger.close();
  });
});
