import { describe, expect, it } from 'vitest';
import { natsProgram } from '../../support/nats.js';
import { startTestAgent } from '../test-agent.js';
import { TestCoordinator } from '../test-coordinator.js';

const har = { kind: 'builtin', name: 'har' } as const;
const small = { dataset: 'synthetic-har', nhidden: 4, batchSize: 20, passes: 3 };
const members = [0.001, 0.002, 0.003, 0.004].map((lr) => ({ ...small, lr }));

describe.skipIf(!natsProgram)('packs of an agent', { timeout: 90_000 }, () => {
  it('packs - their size is found out, told to the fleet, and used', async () => {
    const coordinator = await TestCoordinator.start();
    const { id, log } = await startTestAgent(coordinator);
    // Long enough to be seen at work.
    const longer = members.map((member) => ({ ...member, passes: 10 }));
    await coordinator.assign(har, longer, { packKey: 'a1', packMost: 4 });
    const state = await coordinator.until(() => {
      const seen = coordinator.fleet.get(id);
      return (seen?.packs?.length ?? 0) > 0 && seen;
    });
    // All of them are in one slot.
    expect(state.busy).toBe(1);
    expect(state.packs?.[0]?.key).toBe('a1');
    expect(log.some((line) => /of trials like 0, (each trains alone|\d train together)/.test(line))).toBe(
      true,
    );
    await coordinator.until(() => coordinator.results().length === 4);
    expect(coordinator.results().map(({ kind }) => kind)).toEqual(Array(4).fill('completed'));
  });

  it('packs - who would take more memory than may be is refused as such, before it does', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    const large = { ...small, architecture: 'lstm-stacked', nhidden: 1024, layers: 16 };
    await coordinator.assign(har, [large], { memoryLimit: 900_000_000 });
    const result = await coordinator.result(0);
    expect(result).toMatchObject({ kind: 'failed', failure: { class: 'memory' } });
    expect(JSON.stringify(result)).toMatch(
      /a step on a single window would take .* of tensors, .* may be taken/,
    );
    expect(coordinator.of(0).filter(({ kind }) => kind === 'metrics')).toEqual([]);
  });

  it('packs - whose batches do not fit train them in parts, within trial.memoryLimit', async () => {
    const coordinator = await TestCoordinator.start();
    const { log } = await startTestAgent(coordinator);
    const large = { ...small, nhidden: 128, batchSize: 800, passes: 1, evaluateEvery: 3 };
    const [one, two] = [0.001, 0.002].map((lr) => ({ ...large, lr }));
    await coordinator.assign(har, [one!, two!], { memoryLimit: 150_000_000 });
    await coordinator.until(() => coordinator.results().length === 2);
    for (const result of coordinator.results()) {
      expect(result).toMatchObject({ kind: 'completed' });
      const details = result.kind === 'completed' ? result.details : undefined;
      expect((details as { batchParts?: number }).batchParts).toBeGreaterThan(1);
    }
    expect(log.some((line) => /batches of 800 windows do not fit .* in \d+ parts of \d+/.test(line))).toBe(
      true,
    );
  });

  it('packs - that do not fit as a whole train in groups', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    const large = { ...small, nhidden: 24, batchSize: 400, passes: 1 };
    await coordinator.assign(
      har,
      [1, 2, 3, 4].map((n) => ({ ...large, lr: n / 1000 })),
      { memoryLimit: 250_000_000 },
    );
    await coordinator.until(() => coordinator.results().length === 4);
    expect(coordinator.results().map(({ kind }) => kind)).toEqual(Array(4).fill('completed'));
  });
});
