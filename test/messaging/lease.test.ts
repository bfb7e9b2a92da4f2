import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { connectToNats } from '../../src/messaging/connection.js';
import { coordinatorBus, quickTimings } from '../support/buses.js';
import { natsProgram, startTestNats } from '../support/nats.js';

describe.skipIf(!natsProgram)('lease', () => {
  it('lease - one coordinator holds it; a second one is told who does, and gets it after its release', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const [one, two] = [await coordinatorBus(nats), await coordinatorBus(nats)];
    const lease = await one.acquireLease('sweep1', 'first');
    expect(lease).toBeDefined();
    expect(await two.acquireLease('sweep1', 'second')).toBeUndefined();
    expect(await two.leaseHolder('sweep1')).toBe('first');
    expect(await two.acquireLease('sweep2', 'second')).toBeDefined();
    await lease?.release();
    expect(await two.leaseHolder('sweep1')).toBeUndefined();
    expect(await two.acquireLease('sweep1', 'second')).toBeDefined();
    expect(lease?.lost.aborted).toBe(false);
  });

  it('lease - of two who want it in the same instant one gets it', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const buses = await Promise.all([1, 2, 3, 4].map(() => coordinatorBus(nats)));
    const leases = await Promise.all(
      buses.map((bus, index) => bus.acquireLease('sweep1', `holder ${index}`)),
    );
    expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
  });

  it('lease - that of a dead coordinator is free after its time, or at once where it is known to be dead', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const [dying, next, third] = [
      await coordinatorBus(nats),
      await coordinatorBus(nats),
      await coordinatorBus(nats),
    ];
    expect(await dying.acquireLease('sweep1', 'dead')).toBeDefined();
    await dying.close();
    const begin = performance.now();
    expect(await next.acquireLease('sweep1', 'next')).toBeDefined();
    expect(performance.now() - begin).toBeLessThan(5 * quickTimings.leaseTtl);

    // "next" lives and renews: who says that it is gone takes it from it, and it notices.
    const taken = await third.acquireLease('sweep1', 'third', (holder) => holder === 'next');
    expect(taken).toBeDefined();
    expect(await third.leaseHolder('sweep1')).toBe('third');
  });

  it('lease - who lost it to another one is told', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const [one, two] = [await coordinatorBus(nats), await coordinatorBus(nats)];
    const lease = await one.acquireLease('sweep1', 'one');
    if (!lease) throw new Error('not acquired');
    const lost = once(lease.lost, 'abort');
    await two.acquireLease('sweep1', 'two', () => true);
    await lost;
    expect(String(lease.lost.reason)).toContain('another coordinator took the lease of sweep sweep1');
    await lease.release();
    expect(await two.leaseHolder('sweep1')).toBe('two');
  });

  it('lease - outlasts a nats-server that is killed, and one that has lost its files', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const [one, two] = [await coordinatorBus(nats), await coordinatorBus(nats)];
    const lease = await one.acquireLease('sweep1', 'one');
    nats.kill();
    await expect
      .poll(() => two.acquireLease('sweep1', 'two').catch(() => 'away'), { timeout: 15_000 })
      .toBe(undefined);

    const admin = await connectToNats({ address: nats.coordinator, name: 'admin', role: 'coordinator' });
    await (await admin.nats.jetstreamManager()).streams.purge('KV_lease');
    await admin.close();
    await expect.poll(() => two.leaseHolder('sweep1'), { timeout: 5000 }).toBe('one');
    expect(lease?.lost.aborted).toBe(false);
  });
});
