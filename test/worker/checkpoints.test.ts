import { describe, expect, it } from 'vitest';
import type { AssignedTrial } from '../../src/messaging/messages.js';
import type { JsonObject } from '../../src/sweep/json.js';
import type { TrainableReference } from '../../src/sweep/sweep-definition.js';
import { natsProgram } from '../support/nats.js';
import { moduleFixture, startTestAgent } from './test-agent.js';
import { TestCoordinator, type ResultReport } from './test-coordinator.js';

const resumable = moduleFixture('resumable.ts');

/** Numbers of the steps that an attempt reported. */
function steps(coordinator: TestCoordinator, number: number, attempt: number): number[] {
  return coordinator
    .of(number)
    .flatMap((report) => (report.kind === 'metrics' && report.attempt === attempt ? [report.step] : []));
}

async function reaches(coordinator: TestCoordinator, number: number, step: number): Promise<void> {
  await coordinator.until(() => steps(coordinator, number, 1).includes(step));
}

/** Starts a trial that waits at step 5, and ends its first attempt with a pause. */
async function pauseAtFive(
  coordinator: TestCoordinator,
  workerId: string,
  number = 0,
): Promise<ResultReport> {
  await coordinator.assign(resumable, [{ steps: 9, waitAt: 5 }], { first: number });
  await reaches(coordinator, number, 5);
  await coordinator.bus.sendCommand(workerId, {
    version: 1,
    kind: 'stop',
    sweepId: coordinator.sweepId,
    number,
    attempt: 1,
    state: 'paused',
    reason: 'rung 1',
  });
  return await coordinator.result(number);
}

async function assignAgain(
  coordinator: TestCoordinator,
  number: number,
  parameters: JsonObject,
  checkpoint?: AssignedTrial['checkpoint'],
  trainable: TrainableReference = resumable,
): Promise<void> {
  await coordinator.assign(trainable, [parameters], { first: number, ...(checkpoint ? { checkpoint } : {}) });
}

describe.skipIf(!natsProgram)('checkpoints of trials', () => {
  it('checkpoints - a paused trial saves before it leaves, and goes on at the next step', async () => {
    const coordinator = await TestCoordinator.start();
    const { id } = await startTestAgent(coordinator);
    expect(await pauseAtFive(coordinator, id)).toMatchObject({ kind: 'stopped', state: 'paused' });
    expect(await coordinator.bus.checkpoints(coordinator.sweepId)).toEqual([0]);
    await assignAgain(coordinator, 0, { steps: 9 });
    expect(await coordinator.result(0, 2)).toMatchObject({
      kind: 'completed',
      // What only the first attempt reported is part of the result.
      metrics: { sum: 45, resumed: 1, first: 1 },
    });
    expect(steps(coordinator, 0, 1)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(steps(coordinator, 0, 2)).toEqual([6, 7, 8, 9]);
  });

  it('checkpoints - who is handed back goes on at another worker', async () => {
    const coordinator = await TestCoordinator.start();
    const first = await startTestAgent(coordinator);
    await coordinator.assign(resumable, [{ steps: 9, waitAt: 5 }]);
    await reaches(coordinator, 0, 5);
    first.agent.drain('enough');
    expect(await coordinator.result(0)).toMatchObject({ kind: 'returned', reason: 'enough' });
    await first.agent.stopped;
    const second = await startTestAgent(coordinator);
    await assignAgain(coordinator, 0, { steps: 9 });
    expect(await coordinator.result(0, 2)).toMatchObject({ metrics: { sum: 45, resumed: 1 } });
    expect(second.log).toContain(`trial ${coordinator.sweepId}-0, attempt 2 goes on after step 5`);
  });

  it('checkpoints - a thread that dies loses what came after the last one', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    await coordinator.assign(resumable, [{ steps: 9, saveAt: 3, crashAt: 6 }]);
    expect(await coordinator.result(0)).toMatchObject({ kind: 'failed', failure: { class: 'crash' } });
    await assignAgain(coordinator, 0, { steps: 9, crashAt: 6 });
    expect(await coordinator.result(0, 2)).toMatchObject({ metrics: { sum: 45, resumed: 1 } });
    expect(steps(coordinator, 0, 2)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it('checkpoints - where there is none a later attempt begins anew, and the log says so', async () => {
    const coordinator = await TestCoordinator.start();
    const { id, log } = await startTestAgent(coordinator);
    await pauseAtFive(coordinator, id);
    await coordinator.bus.dropCheckpoints(coordinator.sweepId, [0]);
    await assignAgain(coordinator, 0, { steps: 9 });
    expect(await coordinator.result(0, 2)).toMatchObject({ metrics: { sum: 45, resumed: 0 } });
    expect(log).toContain(`trial ${coordinator.sweepId}-0, attempt 2 begins anew: there is no checkpoint`);
  });

  it("checkpoints - a trial begins with another's, until it has one of its own", async () => {
    const coordinator = await TestCoordinator.start();
    const { id } = await startTestAgent(coordinator);
    await pauseAtFive(coordinator, id, 0);
    const from = { number: 0, sinceAttempt: 1 };
    await assignAgain(coordinator, 1, { steps: 8, saveAt: 7 }, from);
    expect(await coordinator.result(1)).toMatchObject({ metrics: { sum: 36, resumed: 1 } });
    expect(steps(coordinator, 1, 1)).toEqual([6, 7, 8]);
    await assignAgain(coordinator, 1, { steps: 8 }, from);
    await coordinator.result(1, 2);
    expect(steps(coordinator, 1, 2)).toEqual([8]);
    // Told anew to take the other's, it does.
    await assignAgain(coordinator, 1, { steps: 6 }, { number: 0, sinceAttempt: 3 });
    await coordinator.result(1, 3);
    expect(steps(coordinator, 1, 3)).toEqual([6]);
  });

  it('checkpoints - are made as time passes, without being asked for', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator, { checkpointEvery: 20 });
    await coordinator.assign(resumable, [{ steps: 1e9 }]);
    const saved = async (): Promise<number> => {
      const bus = await coordinator.workerBus();
      for (;;) {
        const checkpoint = await bus.loadCheckpoint({ sweepId: coordinator.sweepId, number: 0 });
        if (checkpoint) return checkpoint.step;
      }
    };
    expect(await saved()).toBeGreaterThan(0);
  });

  it('checkpoints - a member that pauses leaves its pack, and the others train on', async () => {
    const coordinator = await TestCoordinator.start();
    const { id } = await startTestAgent(coordinator);
    await coordinator.assign(moduleFixture('saving-pack.ts'), [{ steps: 1e9 }, { steps: 1e9 }]);
    await reaches(coordinator, 1, 3);
    const stop = { version: 1, kind: 'stop', sweepId: coordinator.sweepId, attempt: 1 } as const;
    await coordinator.bus.sendCommand(id, { ...stop, number: 0, state: 'paused', reason: 'rung 1' });
    await coordinator.result(0);
    const { step = 0 } =
      (await (await coordinator.workerBus()).loadCheckpoint({ sweepId: coordinator.sweepId, number: 0 })) ??
      {};
    expect(steps(coordinator, 0, 1).at(-1)).toBe(step);
    await reaches(coordinator, 1, step + 3);
    await coordinator.bus.sendCommand(id, { ...stop, number: 1, state: 'cancelled', reason: 'enough' });
    expect(await coordinator.result(1)).toMatchObject({ kind: 'stopped', state: 'cancelled' });
    expect(await coordinator.bus.checkpoints(coordinator.sweepId)).toEqual([0]);
  });

  it('checkpoints - a program finds its folder as it left it', async () => {
    const coordinator = await TestCoordinator.start();
    const { id } = await startTestAgent(coordinator);
    const program = new URL('fixtures/resumable-program.mjs', import.meta.url).pathname;
    const trainable = { kind: 'command', command: [process.execPath, program, '{steps}'] } as const;
    await coordinator.assign(trainable, [{ steps: 1_000_000 }]);
    await reaches(coordinator, 0, 20);
    const stop = { version: 1, kind: 'stop', sweepId: coordinator.sweepId, number: 0, attempt: 1 } as const;
    await coordinator.bus.sendCommand(id, { ...stop, state: 'paused', reason: 'rung 1' });
    expect(await coordinator.result(0)).toMatchObject({ kind: 'stopped', state: 'paused' });
    const last = steps(coordinator, 0, 1).at(-1) ?? 0;
    await assignAgain(coordinator, 0, { steps: last + 10 }, undefined, trainable);
    const sum = ((last + 10) * (last + 11)) / 2;
    expect(await coordinator.result(0, 2)).toMatchObject({ kind: 'completed', metrics: { sum } });
    expect(steps(coordinator, 0, 2)[0]).toBe(last + 1);
  });
});
