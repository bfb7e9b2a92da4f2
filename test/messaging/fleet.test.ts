import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectToNats } from '../../src/messaging/connection.js';
import type { WorkerState } from '../../src/messaging/messages.js';
import { coordinatorBus, quickTimings, workerBus } from '../support/buses.js';
import { workerState } from '../support/messages.js';
import { natsProgram, startTestNats } from '../support/nats.js';

type Change = [workerId: string, state: WorkerState['state'] | 'gone'];

function recorder(): { changes: Change[]; onChange: (id: string, state: WorkerState | undefined) => void } {
  const changes: Change[] = [];
  return { changes, onChange: (id, state) => changes.push([id, state?.state ?? 'gone']) };
}

/** Nobody may seem dead because this machine is busy. */
const patient = { ...quickTimings, fleetTtl: 3_000 };

describe.skipIf(!natsProgram)('fleet', () => {
  it('fleet - the present workers come first, then every change', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    await worker.announce(workerState('one'));
    await worker.announce(workerState('two', { state: 'draining' }));
    const { changes, onChange } = recorder();
    const watch = await coordinator.watchFleet(onChange);
    expect([...changes].sort()).toEqual([
      ['one', 'running'],
      ['two', 'draining'],
    ]);
    await worker.announce(workerState('two', { state: 'stopped' }));
    await expect.poll(() => changes.at(-1)).toEqual(['two', 'stopped']);
    await watch.stop();
  });

  it('fleet - a worker that falls silent is gone after its time, one that goes on is not', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats, [], patient);
    const worker = await workerBus(nats);
    const { changes, onChange } = recorder();
    await coordinator.watchFleet(onChange);
    await worker.announce(workerState('silent'));
    const heartbeat = setInterval(() => void worker.announce(workerState('alive')), patient.fleetTtl / 15);
    await expect.poll(() => changes.at(-1), { timeout: 20_000 }).toEqual(['alive', 'running']);
    await expect.poll(() => changes, { timeout: 20_000 }).toContainEqual(['silent', 'gone']);
    clearInterval(heartbeat);
    expect(changes).not.toContainEqual(['alive', 'gone']);
    await expect.poll(() => changes, { timeout: 20_000 }).toContainEqual(['alive', 'gone']);
  });

  it.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('fleet - a clock that is put an hour %s makes nobody dead, and nobody live on', async (_, jump) => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats, [], patient);
    const worker = await workerBus(nats);
    const { changes, onChange } = recorder();
    await coordinator.watchFleet(onChange);
    await worker.announce(workerState('silent'));
    const heartbeat = setInterval(() => void worker.announce(workerState('alive')), patient.fleetTtl / 15);
    await expect.poll(() => changes.at(-1), { timeout: 20_000 }).toEqual(['alive', 'running']);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jump });
    onTestFinished(() => void vi.useRealTimers());
    await expect.poll(() => changes, { timeout: 20_000 }).toContainEqual(['silent', 'gone']);
    clearInterval(heartbeat);
    expect(changes).not.toContainEqual(['alive', 'gone']);
  });

  it('fleet - a worker whose connection is closed is gone long before its time, one that is only silent is not', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const ttl = 15_000;
    const coordinator = await coordinatorBus(nats, [], { ...quickTimings, fleetTtl: ttl });
    const { changes, onChange } = recorder();
    await coordinator.watchFleet(onChange);
    const silent = await workerBus(nats);
    const killed = await workerBus(nats);
    for (const [bus, id] of [[silent, 'silent'] as const, [killed, 'killed'] as const]) {
      bus.answerCommands(id, () => ({ version: 1, accepted: true }));
      await bus.announce(workerState(id));
    }
    await expect.poll(() => changes.length).toBe(2);
    await killed.close();
    const before = performance.now();
    await expect.poll(() => changes, { timeout: ttl }).toContainEqual(['killed', 'gone']);
    // By its time it would have taken all of `ttl`, from which heartbeats and looks may take a little.
    expect(performance.now() - before).toBeLessThan(ttl * 0.9);
    expect(changes).not.toContainEqual(['silent', 'gone']);
  }, 60_000);

  it('fleet - nobody is taken for dead because nats-server was', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    // A worker's connection may need more than a second to come back.
    const coordinator = await coordinatorBus(nats, [], { ...quickTimings, fleetTtl: 5_000 });
    const worker = await workerBus(nats);
    const { changes, onChange } = recorder();
    await coordinator.watchFleet(onChange);
    const heartbeat = setInterval(
      () => void worker.announce(workerState('alive')),
      quickTimings.fleetTtl / 5,
    );
    await expect.poll(() => changes.length).toBeGreaterThan(0);
    nats.kill();
    const before = changes.length;
    await expect.poll(() => changes.length, { timeout: 10_000 }).toBeGreaterThan(before + 3);
    clearInterval(heartbeat);
    expect(changes).not.toContainEqual(['alive', 'gone']);
  });

  it('fleet - a state that is not valid is ignored and told', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const log: string[] = [];
    const coordinator = await coordinatorBus(nats, log);
    const raw = await connectToNats({ address: nats.worker, name: 'raw', role: 'worker' });
    await raw.nats
      .jetstream()
      .publish('$KV.fleet.odd', JSON.stringify({ ...workerState('odd'), slots: 'many' }));
    await raw.close();
    const { changes, onChange } = recorder();
    await coordinator.watchFleet(onChange);
    expect(changes).toEqual([]);
    expect(log).toEqual([expect.stringMatching(/^state of worker odd is not valid: slots: .*; ignored$/)]);
  });
});
