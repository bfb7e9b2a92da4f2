import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { CoordinatorBus } from '../../../src/messaging/bus.js';
import type { Sampler } from '../../../src/coordinator/search/sampler.js';
import { coordinatorBus, workerBus } from '../../support/buses.js';
import { claim, workerState } from '../../support/messages.js';
import { natsProgram, startTestNats } from '../../support/nats.js';
import { sweepOver } from '../definitions.js';
import { busBut, ScriptedWorker, startRunner } from './running.js';

const grid = (trials: number): ReturnType<typeof sweepOver> =>
  sweepOver(`{ x: { int: [0, ${trials - 1}] } }`, 'search: { sampler: grid }');

/** One trial after the other: it proposes nothing while one is under way. */
function oneByOne(trials: number): Sampler {
  return {
    suggest: ({ trials: known }) =>
      known.length === trials || known.some(({ finishedAt }) => finishedAt === undefined)
        ? []
        : [{ parameters: { x: known.length } }],
    isWaiting: ({ trials: known }) => known.some(({ finishedAt }) => finishedAt === undefined),
  };
}

/** A promise, and who resolves it. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** A coordinator's bus that says how many assignments went out. */
async function countingBus(
  nats: Awaited<ReturnType<typeof startTestNats>>,
): Promise<{ readonly bus: CoordinatorBus; readonly published: () => number }> {
  const bus = await coordinatorBus(nats);
  let count = 0;
  const publishAssignments: CoordinatorBus['publishAssignments'] = async (pool, assignments) => {
    count += assignments.length;
    await bus.publishAssignments(pool, assignments);
  };
  return { bus: busBut(bus, { publishAssignments }), published: () => count };
}

// Skipped where there is no nats-server, as all tests with one.
describe.skipIf(!natsProgram)('runner - pausing', () => {
  it('runner - a result that comes while the sweep is paused does not end it: its sampler waited for that one', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const { runner } = await startRunner(grid(3), await coordinatorBus(nats), { sampler: oneByOne(3) });
    const begun = gate();
    const result = gate();
    await ScriptedWorker.start(await workerBus(nats), 'worker1', async (number) => {
      begun.open();
      await result.opened;
      return { y: number };
    });
    await begun.opened;
    await runner.dispatcher.pause();
    result.open();
    await expect.poll(() => runner.progress().counts.completed).toBe(1);
    await setTimeout(1_200);
    expect(runner.isEnding).toBe(false);
    runner.dispatcher.resume();
    const { state, counts } = await runner.ended;
    expect({ state, completed: counts.completed }).toEqual({ state: 'completed', completed: 3 });
  }, 60_000);

  it.each([
    ['with', ''],
    ['without', 'workers: { concurrency: 1 }'],
  ])(
    'runner - ends though its last worker has gone, %s room before the last result',
    async (_, workers) => {
      const nats = await startTestNats({ untilTestEnds: true });
      const definition = sweepOver('{ x: { int: [0, 1] } }', `search: { sampler: grid }\n${workers}`);
      const { runner } = await startRunner(definition, await coordinatorBus(nats), { sampler: oneByOne(2) });
      const begun = gate();
      const result = gate();
      await ScriptedWorker.start(await workerBus(nats), 'worker1', async (number) => {
        if (number === 0) return { y: 0 };
        begun.open();
        await result.opened;
        return { y: number };
      });
      await begun.opened;
      await expect.poll(() => runner.progress().counts.running).toBe(1);
      // It leaves; its last result is under way.
      runner.fleet.update('worker1', undefined);
      runner.fleet.heard('worker1');
      runner.fleet.update = () => undefined;
      result.open();
      expect((await runner.ended).counts).toMatchObject({ completed: 2, failed: 0 });
    },
    60_000,
  );

  it('dispatcher - what is proposed while a pause begins waits for the resumption', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const { bus, published } = await countingBus(nats);
    const { runner, store } = await startRunner(grid(4), bus);
    const addTrials = store.addTrials.bind(store);
    store.addTrials = async (sweepId, trials) => {
      // While they are written.
      await runner.dispatcher.pause();
      await addTrials(sweepId, trials);
    };
    await ScriptedWorker.start(await workerBus(nats), 'worker1', (number) => ({ y: number }));
    await expect.poll(() => runner.progress().counts.queued).toBeGreaterThan(0);
    await setTimeout(500);
    expect(published()).toBe(0);
    store.addTrials = addTrials;
    runner.dispatcher.resume();
    expect((await runner.ended).counts.completed).toBe(4);
  }, 60_000);

  it('runner - a trial whose worker is lost before it began, during a pause, is published after it, and at once', async () => {
    const nats = await startTestNats({ untilTestEnds: true });
    const { bus, published } = await countingBus(nats);
    const { runner, sweep } = await startRunner(grid(2), bus, { workerPatience: 300 });
    const idle = await workerBus(nats);
    const announced = workerState('worker2', { slots: 2, running: [] });
    await idle.announce(announced);
    await expect.poll(published).toBe(2);
    const { granted } = (await idle.claim(claim([0], sweep.id), AbortSignal.timeout(2_000))) ?? {};
    expect(granted).toHaveLength(1);
    await runner.dispatcher.pause();
    const announcing = setInterval(() => void idle.announce(announced), 200);
    // Its worker is never heard of again; others have slots free for longer than an assignment waits.
    await setTimeout(12_500);
    expect(published()).toBe(2);
    clearInterval(announcing);
    await ScriptedWorker.start(await workerBus(nats), 'worker3', (number) => ({ y: number }));
    const resumed = performance.now();
    runner.dispatcher.resume();
    expect((await runner.ended).counts.completed).toBe(2);
    expect(performance.now() - resumed).toBeLessThan(5_000);
  }, 60_000);
});
