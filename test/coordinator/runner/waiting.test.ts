import { describe, expect, it } from 'vitest';
import { connectToNats } from '../../../src/messaging/connection.js';
import { coordinatorBus, workerBus } from '../../support/buses.js';
import { natsProgram, startTestNats } from '../../support/nats.js';
import { sweepOver } from '../definitions.js';
import { busBut, ScriptedWorker, startRunner } from './running.js';

const grid = (trials: number, more = ''): ReturnType<typeof sweepOver> =>
  sweepOver(`{ x: { int: [0, ${trials - 1}] } }`, `search: { sampler: grid }\n${more}`);

describe.skipIf(!natsProgram)('runner - what waits', () => {
  it('dispatcher - a trial that waits after a failure is not published before its time, and others are', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const bus = await coordinatorBus(nats);
    const published: { number: number; at: number }[] = [];
    const seen = busBut(bus, {
      publishAssignments: async (pool, assignments) => {
        for (const { assignment } of assignments)
          for (const { number } of assignment.trials) published.push({ number, at: Date.now() });
        await bus.publishAssignments(pool, assignments);
      },
    });
    let failedAt = 0;
    const { runner, store, sweep } = await startRunner(grid(6, 'trial: { retries: 1 }'), seen);
    await ScriptedWorker.start(await workerBus(nats), 'worker1', (number, attempt) => {
      if (number !== 0 || attempt > 1) return { y: number };
      failedAt = Date.now();
      return { class: 'crash', message: 'it crashed' };
    });
    expect((await runner.ended).counts.completed).toBe(6);
    const again = published.filter(({ number }) => number === 0);
    expect(again).toHaveLength(2);
    const [retry] = (await store.decisions(sweep.id, 0)).filter(({ action }) => action === 'retry');
    const seconds = Number(/in ([\d.]+) s/.exec(retry?.reason ?? '')?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(0.5);
    const waited = (again[1]?.at ?? 0) - failedAt;
    expect(waited).toBeGreaterThanOrEqual(seconds * 1000 - 60);
    expect(published.filter(({ at }) => at < (again[1]?.at ?? 0)).length).toBe(6);
  }, 30_000);

  it('dispatcher - an assignment that no worker can read fails its trial, and no other', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const bus = await coordinatorBus(nats);
    const raw = await connectToNats({ address: nats.coordinator, name: 'raw', role: 'coordinator' });
    let unread = 0;
    const corrupting = busBut(bus, {
      publishAssignments: async (pool, assignments) => {
        const whole = assignments.filter(({ assignment }) => assignment.trials[0]?.number !== 2);
        for (const { assignment, messageId } of assignments) {
          if (whole.some((one) => one.messageId === messageId)) continue;
          unread++;
          await raw.nats
            .jetstream()
            .publish(`assign.${pool}.${assignment.sweepId}`, '{"version":1,"trials":');
        }
        await bus.publishAssignments(pool, whole);
      },
    });
    const { runner, store, sweep, said } = await startRunner(grid(40), corrupting, { claimPatience: 500 });
    const log: string[] = [];
    await ScriptedWorker.start(await workerBus(nats, log), 'worker1', async (number) => {
      // Slow enough that others begin while it is published in vain.
      await new Promise((resolve) => setTimeout(resolve, 150));
      return { y: number };
    });
    const outcome = await runner.ended;
    await raw.close();
    expect(outcome.counts).toMatchObject({ completed: 39, failed: 1 });
    const [, , trial] = await store.trials(sweep.id);
    expect(trial).toMatchObject({ state: 'failed', failure: { class: 'lost' } });
    expect(trial?.failure?.message).toMatch(/no worker could read its assignment/);
    expect(unread).toBeGreaterThanOrEqual(5);
    expect(said).toContainEqual(expect.stringContaining('trial 2 fails'));
    expect(log.filter((line) => line.endsWith('put aside'))).toHaveLength(unread);
  }, 60_000);

  it('dispatcher - what nats-server counts and never delivers: delivery begins anew, then it is published again', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const bus = await coordinatorBus(nats);
    const done: string[] = [];
    let ghosts = 0;
    const losing = busBut(bus, {
      publishAssignments: async (pool, assignments) => {
        const isLost = ({ assignment }: (typeof assignments)[number]): boolean =>
          assignment.trials[0]?.number === 3 && ghosts === 0;
        const delivered = assignments.filter((one) => !isLost(one));
        if (assignments.some(({ assignment }) => assignment.trials[0]?.number === 3)) done.push('published');
        ghosts += assignments.length - delivered.length;
        await bus.publishAssignments(pool, delivered);
      },
      pendingAssignments: async (pool, sweepId) => ghosts + (await bus.pendingAssignments(pool, sweepId)),
      restartDelivery: async (pool) => {
        done.push('restarted');
        await bus.restartDelivery(pool);
      },
    });
    const { runner } = await startRunner(grid(6), losing, { claimPatience: 500 });
    await ScriptedWorker.start(await workerBus(nats), 'worker1', (number) => ({ y: number }));
    expect((await runner.ended).counts.completed).toBe(6);
    expect(done).toEqual(['published', 'restarted', 'published']);
  }, 60_000);
});
