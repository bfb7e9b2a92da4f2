import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Delivery, WorkerBus } from '../../src/messaging/bus.js';
import { MessageTooLargeError } from '../../src/messaging/codec.js';
import { connectToNats } from '../../src/messaging/connection.js';
import { coordinatorBus, quickTimings, workerBus } from '../support/buses.js';
import { assignment } from '../support/messages.js';
import { natsProgram, startTestNats, type TestNats } from '../support/nats.js';

/** The next assignment; fails the test when none comes. */
async function next(bus: WorkerBus, patience = 10_000): Promise<Delivery> {
  const delivery = await bus.nextAssignment('default', AbortSignal.timeout(patience));
  if (!delivery) throw new Error(`no assignment within ${patience} ms`);
  return delivery;
}

const numberOf = ({ assignment }: Delivery): number | undefined => assignment.trials[0]?.number;

async function publishRaw(nats: TestNats, text: string): Promise<void> {
  const connection = await connectToNats({ address: nats.coordinator, name: 'raw', role: 'coordinator' });
  await connection.nats.jetstream().publish('assign.default.sweep1', text);
  await connection.close();
}

describe.skipIf(!natsProgram)('assignments', () => {
  it('assignments - each goes to one waiting slot, in order, and to nobody after it is done', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    await coordinator.publishAssignments('default', [assignment(0), assignment(1), assignment(2)]);
    expect(await coordinator.pendingAssignments('default')).toBe(3);

    const first = await next(worker);
    expect(first.assignment).toEqual(assignment(0).assignment);
    expect(first.redeliveries).toBe(0);
    const [second, third] = await Promise.all([next(worker), next(worker)]);
    expect([numberOf(second), numberOf(third)].sort()).toEqual([1, 2]);
    for (const delivery of [first, second, third]) await delivery.done();
    await expect.poll(() => coordinator.pendingAssignments('default')).toBe(0);
  });

  it('assignments - a message id is stored once, and the assignments of a sweep can be withdrawn', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    await coordinator.publishAssignments('default', [assignment(0), assignment(0), assignment(1)]);
    await coordinator.publishAssignments('default', [assignment(0), assignment(0, 'sweep2')]);
    expect(await coordinator.pendingAssignments('default')).toBe(3);
    expect(await coordinator.pendingAssignments('default', 'sweep1')).toBe(2);
    await coordinator.withdrawAssignments('sweep1');
    expect(await coordinator.pendingAssignments('default')).toBe(1);
    const worker = await workerBus(nats);
    expect((await next(worker)).assignment.sweepId).toBe('sweep2');
  });

  it('assignments - the last one is withdrawn also where nats-server has lost sight of it', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    await coordinator.publishAssignments('default', [assignment(0), assignment(1), assignment(2)]);
    const taken = [await next(worker), await next(worker), await next(worker)];
    // In this order 2.9.10 takes the last one for acknowledged, though it still counts it.
    for (const [number, left] of [
      [2, 2],
      [0, 1],
    ] as const) {
      await taken[number]?.done();
      await expect.poll(() => coordinator.pendingAssignments('default')).toBe(left);
    }
    await coordinator.withdrawAssignments('sweep1');
    expect(await coordinator.pendingAssignments('default')).toBe(0);
  });

  it('assignments - a worker may come before anything was published for its pool', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const worker = await workerBus(nats);
    const waiting = next(worker);
    const coordinator = await coordinatorBus(nats);
    await coordinator.publishAssignments('default', [assignment(5)]);
    expect(numberOf(await waiting)).toBe(5);
  });

  it('assignments - are delivered after nats-server was killed and has lost the files of the stream', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    for (let number = 0; number < 5; number++) {
      await coordinator.publishAssignments('default', [assignment(number)]);
      await (await next(worker)).done();
    }
    await expect.poll(() => coordinator.pendingAssignments('default')).toBe(0);
    nats.kill();
    const files = join(nats.directory, 'nats/store/jetstream/$G/streams/ASSIGNMENTS/msgs');
    expect(readdirSync(files)).not.toEqual([]);
    rmSync(files, { recursive: true });
    await coordinator.publishAssignments('default', [assignment(5)]);
    expect(numberOf(await next(worker))).toBe(5);
  });

  it('assignments - what is not delivered is, once delivery was restarted', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    await coordinator.publishAssignments('default', [assignment(0)]);
    await next(worker);
    await coordinator.restartDelivery('default');
    expect(numberOf(await next(worker))).toBe(0);
  });

  it('assignments - what a dead worker held goes to another one after the acknowledgement wait', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const [dying, other] = [await workerBus(nats), await workerBus(nats)];
    await coordinator.publishAssignments('default', [assignment(0)]);
    const held = await next(dying);
    await dying.close();
    const again = await next(other);
    expect(again.assignment).toEqual(held.assignment);
    expect(again.redeliveries).toBe(1);
  });

  it('assignments - working() keeps an assignment beyond the acknowledgement wait', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const [busy, idle] = [await workerBus(nats), await workerBus(nats)];
    await coordinator.publishAssignments('default', [assignment(0)]);
    const held = await next(busy);
    const timer = setInterval(() => held.working(), quickTimings.ackWait / 4);
    const patience = AbortSignal.timeout(2.5 * quickTimings.ackWait);
    expect(await idle.nextAssignment('default', patience)).toBeUndefined();
    clearInterval(timer);
    expect(numberOf(await next(idle))).toBe(0);
  });

  it('assignments - giveBack hands it to anyone, after the delay', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    await coordinator.publishAssignments('default', [assignment(0)]);
    (await next(worker)).giveBack(300);
    const begin = performance.now();
    const again = await next(worker);
    expect(performance.now() - begin).toBeGreaterThan(250);
    expect(performance.now() - begin).toBeLessThan(quickTimings.ackWait);
    again.giveBack(0);
    expect(numberOf(await next(worker))).toBe(0);
  });

  it('assignments - a call that is aborted holds nothing back', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const [leaving, staying] = [await workerBus(nats), await workerBus(nats)];
    // Made here: the pool's consumer, so that the call really waits at the server.
    await coordinator.pendingAssignments('default');
    for (let number = 0; number < 20; number++) {
      const abort = new AbortController();
      const waiting = leaving.nextAssignment('default', abort.signal);
      const published = coordinator.publishAssignments('default', [assignment(number)]);
      setImmediate(() => abort.abort());
      const delivery = (await waiting) ?? (await next(staying, quickTimings.ackWait / 2));
      expect(numberOf(delivery)).toBe(number);
      await delivery.done();
      await published;
    }
  });

  it('assignments - a corrupt one is put aside, one of another protocol version left to others', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const log: string[] = [];
    const worker = await workerBus(nats, log);
    await coordinator.pendingAssignments('default');
    await publishRaw(nats, 'not JSON');
    await publishRaw(nats, JSON.stringify({ ...assignment(8).assignment, trials: [] }));
    await publishRaw(nats, JSON.stringify({ ...assignment(9).assignment, version: 99 }));
    await coordinator.publishAssignments('default', [assignment(0)]);
    expect(numberOf(await next(worker))).toBe(0);
    expect(log).toEqual([
      expect.stringMatching(/^assignment on assign\.default\.sweep1 is not JSON: .*; put aside$/),
      expect.stringMatching(/^assignment on assign\.default\.sweep1 is not valid: trials: .*; put aside$/),
      'assignment on assign.default.sweep1 is of protocol version 99, ' +
        'this Sweepyard speaks version 1; left to others',
    ]);
    // The one of another version, and ours, which is not done yet.
    await expect.poll(() => coordinator.pendingAssignments('default')).toBe(2);
  });

  it('assignments - one that is too large is refused before anything is published', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const large = assignment(1);
    const parameters = { text: 'x'.repeat(1_000_000) };
    const trials = large.assignment.trials.map((trial) => ({ ...trial, parameters }));
    await expect(
      coordinator.publishAssignments('default', [
        assignment(0),
        { ...large, assignment: { ...large.assignment, trials } },
      ]),
    ).rejects.toThrow(MessageTooLargeError);
    expect(await coordinator.pendingAssignments('default')).toBe(0);
  });

  it('assignments - after nats-server was killed, waiting slots wait on and nothing is lost or stored twice', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    const waiting = next(worker, 20_000);
    const all = Array.from({ length: 3000 }, (_, number) => assignment(number));
    const publishing = coordinator.publishAssignments('default', all);
    await waiting.then((delivery) => delivery.done());
    nats.kill();
    await publishing;
    await expect
      .poll(() => coordinator.pendingAssignments('default'), { timeout: 10_000 })
      // The acknowledgement of the first one may be forgotten.
      .toSatisfy((count: number) => count === 2999 || count === 3000);
    expect(numberOf(await next(worker))).toBeTypeOf('number');
  });
});
