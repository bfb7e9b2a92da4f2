import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { moduleFixture, startTestAgent } from './test-agent.js';
import { TestCoordinator } from './test-coordinator.js';

const resumable = moduleFixture('resumable.ts');

describe.skipIf(!natsProgram)('handing on', () => {
  it('handing on - a trial is complete at its step with its checkpoint stored, another goes on from there', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    const steps = (number: number): number[] =>
      coordinator.of(number).flatMap((report) => (report.kind === 'metrics' ? [report.step] : []));
    await coordinator.assign(resumable, [{ steps: 9 }], { until: 4 });
    expect(await coordinator.result(0)).toMatchObject({ kind: 'completed' });
    expect(await coordinator.bus.checkpoints(coordinator.sweepId)).toEqual([0]);
    expect(steps(0)).toEqual([0, 1, 2, 3, 4]);
    const checkpoint = { number: 0, sinceAttempt: 1 };
    await coordinator.assign(resumable, [{ steps: 9 }], { first: 1, checkpoint });
    expect(await coordinator.result(1)).toMatchObject({ kind: 'completed', metrics: { sum: 45 } });
    expect(steps(1)).toEqual([5, 6, 7, 8, 9]);
  });

  it('handing on - a checkpoint that is far enough is handed on without training', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    await coordinator.assign(resumable, [{ steps: 9 }], { until: 6 });
    await coordinator.result(0);
    const checkpoint = { number: 0, sinceAttempt: 1 };
    await coordinator.assign(resumable, [{ steps: 9 }], { first: 1, checkpoint, until: 5 });
    const result = await coordinator.result(1);
    expect(result).toMatchObject({ kind: 'completed', metrics: { sum: 21 } });
    const said = coordinator.of(1).flatMap((report) => (report.kind === 'metrics' ? [report.step] : []));
    expect(said).toEqual([6]);
    expect((await coordinator.bus.checkpoints(coordinator.sweepId)).sort()).toEqual([0, 1]);
  });
});
