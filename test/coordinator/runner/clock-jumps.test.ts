import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { coordinatorBus, workerBus } from '../../support/buses.js';
import { natsProgram, startTestNats } from '../../support/nats.js';
import { sweepOver } from '../definitions.js';
import { ScriptedWorker, startRunner } from './running.js';

const hour = 3_600_000;

describe.skipIf(!natsProgram)('runner - clock jumps', () => {
  it.each([
    ['forward', hour],
    ['back', -hour],
  ])(
    'runner - an hour %s loses no trial, holds nothing up and spends no budget',
    async (_, jump) => {
      const nats = await startTestNats({ untilTestEnds: true });
      const definition = sweepOver(
        '{ x: { int: [0, 19] } }',
        'search: { sampler: grid }\nbudget: { time: 30m, gpuHours: 0.5 }\ntrial: { retries: 1 }',
      );
      let shift = 0;
      const { runner, store, sweep } = await startRunner(definition, await coordinatorBus(nats), {
        now: () => {
          return Date.now() + shift;
        },
      });
      await ScriptedWorker.start(await workerBus(nats), 'worker1', async (number, attempt) => {
        // It waits for its back-off across the jump.
        if (number === 3 && attempt === 1) return { class: 'crash', message: 'it crashed' };
        if (number !== 4) return { y: number };
        shift = jump;
        // Longer than two looks at budgets and workers.
        const looked = performance.now() + 1_200;
        await new Promise<void>((resolve) => {
          const timer = setInterval(() => {
            if (performance.now() < looked) return;
            clearInterval(timer);
            resolve();
          }, 20);
        });
        return { y: number };
      });
      const started = performance.now();
      const outcome = await runner.ended;
      expect(outcome).toMatchObject({ state: 'completed', counts: { completed: 20, cancelled: 0 } });
      expect(outcome.reason).toBeUndefined();
      expect(performance.now() - started).toBeLessThan(15_000);
      const trials = await store.trials(sweep.id);
      expect(trials.map(({ attempts }) => attempts)).toEqual(
        trials.map(({ number }) => (number === 3 ? 2 : 1)),
      );
      const { usage } = (await store.findSweep(sweep.id)) ?? {};
      expect(usage?.seconds).toBeGreaterThan(1);
      expect(usage?.seconds).toBeLessThan(20);
      // It announces itself once more, after all was stored.
      await setTimeout(500);
      await runner.leave();
      const [worker] = await store.listWorkers();
      expect(Math.abs((worker?.seenAt ?? 0) - (Date.now() + shift))).toBeLessThan(60_000);
    },
    30_000,
  );
});
