import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { moduleFixture, startTestAgent } from './test-agent.js';
import { TestCoordinator } from './test-coordinator.js';

describe.skipIf(!natsProgram)('agent', () => {
  it('agent - claims, trains and reports a trial, then acknowledges its assignment', async () => {
    const coordinator = await TestCoordinator.start();
    const { id } = await startTestAgent(coordinator);
    await coordinator.assign(moduleFixture('square.ts'), [{ x: 3 }]);
    const result = await coordinator.result(0);
    expect(result).toMatchObject({
      kind: 'completed',
      metrics: { value: 9 },
      attempt: 1,
      sequence: 1,
      workerId: id,
    });
    expect(coordinator.of(0).map(({ kind, sequence }) => [kind, sequence])).toEqual([
      ['started', 0],
      ['completed', 1],
    ]);
  });
});
