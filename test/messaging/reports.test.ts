import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { CoordinatorBus, WorkerBus } from '../../src/messaging/bus.js';
import { MessageTooLargeError } from '../../src/messaging/codec.js';
import { connectToNats, type BusConnection } from '../../src/messaging/connection.js';
import type { Report } from '../../src/messaging/messages.js';
import { coordinatorBus, workerBus } from '../support/buses.js';
import { report } from '../support/messages.js';
import { natsProgram, startTestNats, type TestNats } from '../support/nats.js';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const sequences = (reports: readonly Report[]): number[] => reports.map(({ sequence }) => sequence);

interface Setting {
  readonly nats: TestNats;
  readonly coordinator: CoordinatorBus;
  readonly worker: WorkerBus;
  readonly log: string[];
}

async function setting(): Promise<Setting> {
  const nats = await startTestNats({ untilTestEnds: true });
  const log: string[] = [];
  return { nats, log, coordinator: await coordinatorBus(nats, log), worker: await workerBus(nats) };
}

/** Does something with nats-server's own administration. */
async function administer(
  nats: TestNats,
  action: (connection: BusConnection) => Promise<unknown>,
): Promise<void> {
  const connection = await connectToNats({ address: nats.coordinator, name: 'admin', role: 'coordinator' });
  await action(connection);
  await connection.close();
}

describe.skipIf(!natsProgram)('reports', () => {
  it('reports - come in order, in groups, and of the one sweep only', async () => {
    const { coordinator, worker } = await setting();
    const groups: (readonly Report[])[] = [];
    await coordinator.consumeReports('sweep1', (reports) => {
      groups.push(reports);
      return Promise.resolve();
    });
    for (const sequence of range(0, 1200)) {
      worker.report(report(1, sequence));
      worker.report(report(1, sequence, 'sweep2'));
    }
    await worker.flushReports();
    await expect.poll(() => groups.flat().length).toBe(1200);
    expect(sequences(groups.flat())).toEqual(range(0, 1200));
    expect(groups.flat()[3]).toEqual(report(1, 3));
    expect(groups.length).toBeLessThan(400);
    expect(Math.max(...groups.map((group) => group.length))).toBeLessThanOrEqual(500);
  });

  it('reports - a group that could not be handled comes again before anything after it', async () => {
    const { coordinator, worker, log } = await setting();
    const seen: number[][] = [];
    await coordinator.consumeReports('sweep1', (reports) => {
      seen.push(sequences(reports));
      return seen.length < 4 ? Promise.reject(new Error('the database is away')) : Promise.resolve();
    });
    worker.report(report(1, 0));
    await expect.poll(() => seen.length).toBeGreaterThan(0);
    for (const sequence of range(1, 50)) worker.report(report(1, sequence));
    await expect.poll(() => seen.slice(3).flat()).toEqual(range(0, 50));
    expect(seen.slice(0, 4)).toEqual([[0], [0], [0], [0]]);
    expect(log).toEqual([
      'reports of sweep sweep1: 1 could not be handled, trying again: the database is away',
    ]);
  });

  it('reports - what was not acknowledged comes to the next consumer at once, the rest does not', async () => {
    const { nats, coordinator, worker } = await setting();
    const first: number[] = [];
    const stuck = new EventEmitter<{ reached: []; goOn: [] }>();
    const reached = once(stuck, 'reached');
    await coordinator.consumeReports('sweep1', (reports) => {
      // The database hangs from here on; then the coordinator dies.
      if (sequences(reports).includes(100)) {
        const goOn = once(stuck, 'goOn');
        stuck.emit('reached');
        return goOn.then(() => undefined);
      }
      first.push(...sequences(reports));
      return Promise.resolve();
    });
    for (const sequence of range(0, 100)) worker.report(report(1, sequence));
    await expect.poll(() => first).toEqual(range(0, 100));
    for (const sequence of range(100, 110)) worker.report(report(1, sequence));
    await reached;

    const second: number[] = [];
    const successor = await coordinatorBus(nats);
    await successor.consumeReports('sweep1', (reports) => {
      second.push(...sequences(reports));
      return Promise.resolve();
    });
    await expect.poll(() => second).toEqual(range(100, 110));
    stuck.emit('goOn');
  });

  it('reports - nothing is lost when nats-server is killed amid them, and each is stored once', async () => {
    const { nats, coordinator, worker } = await setting();
    const seen: number[] = [];
    await coordinator.consumeReports('sweep1', (reports) => {
      seen.push(...sequences(reports));
      return Promise.resolve();
    });
    for (const sequence of range(0, 4000)) worker.report(report(1, sequence));
    await expect.poll(() => seen.length).toBeGreaterThan(500);
    nats.kill();
    for (const sequence of range(4000, 5000)) worker.report(report(1, sequence));
    await worker.flushReports();
    await expect.poll(() => new Set(seen).size, { timeout: 15_000 }).toBe(5000);
    await administer(nats, async ({ nats }) => {
      const { streams } = await nats.jetstreamManager();
      const { state } = await streams.info('REPORTS');
      const stored: number[] = [];
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        const message = (await streams.getMessage('REPORTS', { seq })).json<{ reports: Report[] }>();
        stored.push(...sequences(message.reports));
      }
      expect(stored).toEqual(range(0, 5000));
    });
    // Some come twice, but each for the first time in its order.
    expect([...new Set(seen)]).toEqual(range(0, 5000));
  });

  it('reports - the consumer comes back when it is deleted, and so does the stream', async () => {
    const { nats, coordinator, worker } = await setting();
    const seen: number[] = [];
    await coordinator.consumeReports('sweep1', (reports) => {
      seen.push(...sequences(reports));
      return Promise.resolve();
    });
    worker.report(report(1, 0));
    await expect.poll(() => seen).toContain(0);
    await administer(nats, async ({ nats }) =>
      (await nats.jetstreamManager()).consumers.delete('REPORTS', 'sweep-sweep1'),
    );
    worker.report(report(1, 1));
    await expect.poll(() => seen, { timeout: 5000 }).toContain(1);
    await administer(nats, async ({ nats }) => (await nats.jetstreamManager()).streams.delete('REPORTS'));
    worker.report(report(1, 2));
    await expect.poll(() => seen, { timeout: 5000 }).toContain(2);
    await worker.flushReports();
  });

  it('reports - many at once are few messages, and one alone does not wait for others', async () => {
    const { nats, coordinator, worker } = await setting();
    const seen: number[] = [];
    await coordinator.consumeReports('sweep1', (reports) => {
      seen.push(...sequences(reports));
      return Promise.resolve();
    });
    worker.report(report(1, 0));
    await expect.poll(() => seen).toEqual([0]);
    for (const sequence of range(1, 1000)) worker.report(report(1, sequence));
    await worker.flushReports();
    await expect.poll(() => seen).toEqual(range(0, 1000));
    await administer(nats, async ({ nats }) => {
      const { streams } = await nats.jetstreamManager();
      expect((await streams.info('REPORTS')).state.messages).toBeLessThanOrEqual(10);
    });
  });

  it('reports - large ones go in several messages', async () => {
    const { coordinator, worker } = await setting();
    const seen: number[] = [];
    await coordinator.consumeReports('sweep1', (reports) => {
      seen.push(...sequences(reports));
      return Promise.resolve();
    });
    const details = 'é'.repeat(400_000);
    for (const sequence of range(0, 5)) {
      const { version, sweepId, attempt, workerId, at } = report(1, sequence);
      const result = { version, sweepId, number: 1, attempt, workerId, sequence, at } as const;
      worker.report({ ...result, kind: 'completed', metrics: {}, details, slotSeconds: 1 });
    }
    await worker.flushReports();
    await expect.poll(() => seen).toEqual(range(0, 5));
  });

  it('reports - whoever begins to read is caught up when it has handled what was there', async () => {
    const { coordinator, worker } = await setting();
    for (const sequence of range(0, 2000)) worker.report(report(1, sequence));
    await worker.flushReports();
    const seen: number[] = [];
    const reading = await coordinator.consumeReports('sweep1', (reports) => {
      seen.push(...sequences(reports));
      // More comes all the time.
      worker.report(report(1, 2000 + seen.length));
      return Promise.resolve();
    });
    await reading.caughtUp();
    expect(seen.slice(0, 2000)).toEqual(range(0, 2000));
    const nothing = await coordinator.consumeReports('sweep2', () => Promise.resolve());
    await nothing.caughtUp();
  });

  it('reports - a corrupt one is skipped and told, and the others of its message are taken', async () => {
    const { nats, coordinator, worker, log } = await setting();
    const seen: number[] = [];
    await coordinator.consumeReports('sweep1', (reports) => {
      seen.push(...sequences(reports));
      return Promise.resolve();
    });
    const partly = JSON.stringify({ version: 1, reports: [report(1, 0), {}, report(1, 1)] });
    await administer(nats, async ({ nats }) => {
      await nats.jetstream().publish('report.sweep1.worker1', '{}');
      await nats.jetstream().publish('report.sweep1.worker1', partly);
    });
    worker.report(report(1, 2));
    await expect.poll(() => seen).toEqual([0, 1, 2]);
    const refused = /^reports of sweep sweep1: report on report\.sweep1\.worker1 is not valid: .*; skipped$/;
    expect(log).toEqual([expect.stringMatching(refused), expect.stringMatching(refused)]);
  });

  it('reports - one that is too large is refused and the others flow', async () => {
    const { coordinator, worker } = await setting();
    const seen: number[] = [];
    await coordinator.consumeReports('sweep1', (reports) => {
      seen.push(...sequences(reports));
      return Promise.resolve();
    });
    const details = 'x'.repeat(1_000_000);
    const { version, sweepId, attempt, workerId, at } = report(1, 7);
    const result = { version, sweepId, number: 1, attempt, workerId, sequence: 7, at } as const;
    expect(() =>
      worker.report({ ...result, version: 1, kind: 'completed', metrics: {}, details, slotSeconds: 1 }),
    ).toThrow(MessageTooLargeError);
    worker.report(report(1, 8));
    await expect.poll(() => seen).toEqual([8]);
  });

  it('reports - those of a finished sweep can be forgotten', async () => {
    const { nats, coordinator, worker } = await setting();
    const subscription = await coordinator.consumeReports('sweep1', () => Promise.resolve());
    const stored = async (): Promise<string[]> => {
      let found: string[] = [];
      await administer(nats, async ({ nats }) => {
        const { streams } = await nats.jetstreamManager();
        const { state } = await streams.info('REPORTS', { subjects_filter: '>' });
        found = Object.keys(state.subjects ?? {});
      });
      return found.sort();
    };
    for (const sweepId of ['sweep1', 'sweep2', 'sweep3']) {
      worker.report(report(1, 0, sweepId));
      await worker.flushReports();
    }
    await subscription.stop();
    await coordinator.forgetReports('sweep1');
    await coordinator.forgetReports('sweep1');
    expect(await stored()).toEqual(['report.sweep2.worker1', 'report.sweep3.worker1']);
    // Behind those of an unfinished sweep they stay a little longer.
    await coordinator.forgetReports('sweep3');
    expect(await stored()).toEqual(['report.sweep2.worker1', 'report.sweep3.worker1']);
    await coordinator.forgetReports('sweep2');
    expect(await stored()).toEqual([]);
    worker.report(report(2, 0, 'sweep4'));
    await worker.flushReports();
    expect(await stored()).toEqual(['report.sweep4.worker1']);
  });

  it('reports - a bus that is closed while nats-server is away closes at once', async () => {
    const { nats, worker } = await setting();
    await nats.server.release();
    worker.report(report(1, 0));
    const begin = performance.now();
    await worker.close();
    expect(performance.now() - begin).toBeLessThan(3000);
    expect(() => worker.report(report(1, 1))).toThrow('the bus is closed');
  });
});
