import { Events } from 'nats';
import { describe, expect, it } from 'vitest';
import { connectToNats } from '../../src/messaging/connection.js';
import type { Claim, ClaimReply, Command } from '../../src/messaging/messages.js';
import { WorkerUnreachableError } from '../../src/messaging/nats-coordinator-bus.js';
import { coordinatorBus, workerBus } from '../support/buses.js';
import { claim } from '../support/messages.js';
import { natsProgram, startTestNats } from '../support/nats.js';

const grantAll = ({ numbers }: Claim): ClaimReply => ({
  version: 1,
  granted: numbers.map((number) => ({ number, attempt: 1 })),
});
const drain: Command = { version: 1, kind: 'drain', reason: 'test' };

describe.skipIf(!natsProgram)('claims', () => {
  it('claims - are answered by the coordinator of that sweep', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const [one, two] = [await coordinatorBus(nats), await coordinatorBus(nats)];
    const worker = await workerBus(nats);
    one.answerClaims('sweep1', grantAll);
    two.answerClaims('sweep2', () => ({ version: 1, granted: [], retryAfter: 500 }));
    const signal = AbortSignal.timeout(10_000);
    expect(await worker.claim(claim([3, 4]), signal)).toEqual(grantAll(claim([3, 4])));
    expect(await worker.claim(claim([3], 'sweep2'), signal)).toEqual({
      version: 1,
      granted: [],
      retryAfter: 500,
    });
  });

  it('claims - wait until a coordinator comes, or until they are aborted', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const worker = await workerBus(nats);
    expect(await worker.claim(claim([1]), AbortSignal.timeout(300))).toBeUndefined();
    const waiting = worker.claim(claim([1]), AbortSignal.timeout(10_000));
    const coordinator = await coordinatorBus(nats);
    coordinator.answerClaims('sweep1', grantAll);
    expect(await waiting).toEqual(grantAll(claim([1])));
  });

  it('claims - outlast a nats-server that is killed', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    coordinator.answerClaims('sweep1', grantAll);
    nats.kill();
    expect(await worker.claim(claim([1]), AbortSignal.timeout(20_000))).toEqual(grantAll(claim([1])));
  });

  it('claims - a corrupt one, or an answer that throws, is told and harms nobody', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const log: string[] = [];
    const coordinator = await coordinatorBus(nats, log);
    const worker = await workerBus(nats);
    coordinator.answerClaims('sweep1', (asked) => {
      if (asked.numbers.includes(13)) throw new Error('thirteen');
      return grantAll(asked);
    });
    const raw = await connectToNats({ address: nats.worker, name: 'raw', role: 'worker' });
    raw.nats.publish('claim.sweep1', '{"version":1}');
    await raw.close();
    expect(await worker.claim(claim([13]), AbortSignal.timeout(500))).toBeUndefined();
    expect(await worker.claim(claim([1]), AbortSignal.timeout(5000))).toEqual(grantAll(claim([1])));
    expect(log.slice(0, 2)).toEqual([
      expect.stringMatching(/^claim of sweep sweep1: it is not valid: .*; not answered$/),
      'claim of sweep sweep1: thirteen; not answered',
    ]);
  });
});

describe.skipIf(!natsProgram)('commands', () => {
  it('commands - reach the worker of that id and bring its answer', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    const worker = await workerBus(nats);
    const seen: Command[] = [];
    const subscription = worker.answerCommands('worker1', (command) => {
      seen.push(command);
      return { version: 1, accepted: false, message: 'not today' };
    });
    // Reaches the server before the command does: requests and subscriptions of one connection keep their order.
    await worker.claim(claim([1]), AbortSignal.timeout(100));
    expect(await coordinator.sendCommand('worker1', drain)).toEqual({
      version: 1,
      accepted: false,
      message: 'not today',
    });
    expect(seen).toEqual([drain]);
    await subscription.stop();
  });

  it('commands - to nobody say so at once', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const coordinator = await coordinatorBus(nats);
    await expect(coordinator.sendCommand('nobody', drain)).rejects.toThrow(WorkerUnreachableError);
    await expect(coordinator.sendCommand('nobody', drain)).rejects.toThrow('worker nobody does not answer');
  });
});

describe.skipIf(!natsProgram)('permissions', () => {
  it('permissions - a worker may not read reports, take leases, command workers or change streams', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    await coordinatorBus(nats);
    const connection = await connectToNats({ address: nats.worker, name: 'curious', role: 'worker' });
    const worker = connection.nats;
    const refused: string[] = [];
    void (async () => {
      for await (const { type } of worker.status()) if (type === Events.Error) refused.push(type);
    })();
    worker.subscribe('report.>', { callback: () => undefined });
    worker.subscribe('$KV.>', { callback: () => undefined });
    for (const subject of [
      'assign.default.sweep1',
      'command.worker2',
      '$KV.lease.sweep1',
      '$JS.API.STREAM.DELETE.REPORTS',
      '$JS.API.CONSUMER.DELETE.ASSIGNMENTS.pool-default',
      '$JS.API.STREAM.MSG.GET.REPORTS',
    ]) {
      worker.publish(subject, '{}');
    }
    await worker.flush();
    await expect.poll(() => refused.length).toBe(8);
    await connection.close();
  });
});
