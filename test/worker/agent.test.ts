import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { moduleFixture, startTestAgent } from './test-agent.js';
import { TestCoordinator } from './test-coordinator.js';

const behave = moduleFixture('behave.ts');

describe.skipIf(!natsProgram)('agent', () => {
  it('agent - claims, trains and reports a trial, then acknowledges its assignment', async () => {
    const coordinator = await TestCoordinator.start();
    const { id, agent } = await startTestAgent(coordinator);
    await coordinator.assign(moduleFixture('square.ts'), [{ x: 3 }]);
    const result = await coordinator.result(0);
    expect(result).toMatchObject({ kind: 'completed', metrics: { value: 9 }, attempt: 1, workerId: id });
    expect(coordinator.of(0).map(({ kind, sequence }) => [kind, sequence])).toEqual([
      ['started', 0],
      ['completed', 1],
    ]);
    agent.drain('enough');
    await agent.stopped;
    expect(await coordinator.pending()).toBe(0);
  });

  it('agent - a curve arrives whole and in order, the result last', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    await coordinator.assign(behave, [{ does: 'curve' }]);
    const result = await coordinator.result(0);
    expect(coordinator.of(0).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(coordinator.of(0)[3]).toMatchObject({ kind: 'metrics', step: 3, metrics: { loss: 1 / 3 } });
    expect(result).toMatchObject({ kind: 'completed', metrics: { loss: 0.1 }, sequence: 11 });
  });

  it('agent - what the coordinator does not want is acknowledged and not trained', async () => {
    const coordinator = await TestCoordinator.start();
    coordinator.answer = ({ numbers }) =>
      coordinator.grant(numbers.filter((number) => number !== 0 && number !== 2));
    const { agent } = await startTestAgent(coordinator);
    await coordinator.assign(behave, [{ does: 'curve' }]);
    await coordinator.assign(behave, [{ does: 'curve' }, { does: 'curve' }], { first: 1 });
    await coordinator.result(1);
    agent.drain('enough');
    await agent.stopped;
    expect(new Set(coordinator.reports.map(({ number }) => number))).toEqual(new Set([1]));
    expect(await coordinator.pending()).toBe(0);
  });

  it('agent - asks again later for what another worker still runs', async () => {
    const coordinator = await TestCoordinator.start();
    coordinator.answer = ({ numbers, version }) =>
      coordinator.claims.length < 3 ? { version, granted: [], retryAfter: 50 } : coordinator.grant(numbers);
    await startTestAgent(coordinator);
    await coordinator.assign(behave, [{ does: 'curve' }]);
    await coordinator.result(0);
    expect(coordinator.claims).toHaveLength(3);
  });

  it('agent - a sweep that has nothing for this worker is asked less and less often, until it has', async () => {
    const coordinator = await TestCoordinator.start();
    const refusedAt: number[] = [];
    const enough = 4;
    coordinator.answer = ({ numbers, version }) => {
      if (refusedAt.length === enough) return coordinator.grant(numbers);
      refusedAt.push(performance.now());
      return { version, granted: [], retryAfter: 1, unable: true };
    };
    await startTestAgent(coordinator, { slots: 1 });
    await coordinator.assign(moduleFixture('square.ts'), [{ x: 3 }]);
    expect(await coordinator.result(0)).toMatchObject({ kind: 'completed' });
    expect(coordinator.claims).toHaveLength(enough + 1);
    // 250, 500 and 1,000 ms between them; a timer of Node may be a millisecond early.
    const last = refusedAt.at(-1) ?? 0;
    expect(last - (refusedAt[0] ?? 0)).toBeGreaterThan(1_700);
  });

  it('agent - a sweep whose coordinator is gone does not keep the slots from another', async () => {
    const coordinator = await TestCoordinator.start();
    const { agent } = await startTestAgent(coordinator, { claimPatience: 300 });
    for (const first of [0, 1])
      await coordinator.assign(behave, [{ does: 'curve' }], { first, sweepId: 'absent' });
    await coordinator.assign(behave, [{ does: 'curve' }], { first: 2 });
    expect(await coordinator.result(2)).toMatchObject({ kind: 'completed' });
    agent.drain('enough');
    await agent.stopped;
    expect(await coordinator.pending()).toBe(2);
  });

  it("agent - of a pack the members that are wanted are trained, and share the slot's time", async () => {
    const coordinator = await TestCoordinator.start();
    coordinator.answer = ({ numbers }) => coordinator.grant(numbers.filter((number) => number !== 1));
    const { id } = await startTestAgent(coordinator);
    const start = performance.now();
    await coordinator.assign(moduleFixture('pack.ts'), [{ steps: 2 }, { steps: 2 }, { steps: 1e9 }]);
    expect(await coordinator.result(0)).toMatchObject({ kind: 'completed', metrics: { step: 2, pack: 2 } });
    const stop = { version: 1, kind: 'stop', sweepId: coordinator.sweepId, number: 2, attempt: 1 } as const;
    await coordinator.bus.sendCommand(id, { ...stop, state: 'cancelled', reason: 'over budget' });
    const stopped = await coordinator.result(2);
    expect(stopped).toMatchObject({ kind: 'stopped', state: 'cancelled', reason: 'over budget' });
    expect(coordinator.of(1)).toEqual([]);
    const shared = coordinator.results().reduce((sum, { slotSeconds }) => sum + slotSeconds, 0);
    expect(shared).toBeLessThan((performance.now() - start) / 1000);
    expect(stopped.slotSeconds).toBeGreaterThan(shared / 2);
  });

  it('agent - fills its slots, and the fleet sees it', async () => {
    const coordinator = await TestCoordinator.start();
    const { id, agent } = await startTestAgent(coordinator, { slots: 2 });
    for (const first of [0, 1, 2]) await coordinator.assign(behave, [{ does: 'wait' }], { first });
    const state = await coordinator.until(() => {
      const seen = coordinator.fleet.get(id);
      return seen?.running.length === 2 && seen;
    });
    expect(state).toMatchObject({ slots: 2, state: 'running' });
    expect(coordinator.claims.flatMap(({ numbers }) => numbers)).toHaveLength(2);
    agent.drain('enough');
    await coordinator.until(() => coordinator.fleet.get(id)?.state === 'stopped');
    await coordinator.until(() => coordinator.results().length === 2);
    expect(coordinator.results().map(({ kind }) => kind)).toEqual(['returned', 'returned']);
    expect(await coordinator.pending()).toBe(1);
  });

  it.each(['wait', 'busy', 'deaf'])('agent - a trial that is told to stop stops (%s)', async (does) => {
    const coordinator = await TestCoordinator.start();
    const { id } = await startTestAgent(coordinator, { grace: 300 });
    await coordinator.assign(behave, [{ does }]);
    await coordinator.until(() => coordinator.of(0).some(({ kind }) => kind === 'metrics'));
    const stop = { version: 1, kind: 'stop', sweepId: coordinator.sweepId, number: 0, attempt: 1 } as const;
    const reply = await coordinator.bus.sendCommand(id, { ...stop, state: 'pruned', reason: 'rank 7 of 9' });
    expect(reply.accepted).toBe(true);
    expect(await coordinator.result(0)).toMatchObject({
      kind: 'stopped',
      state: 'pruned',
      reason: 'rank 7 of 9',
    });
    // The slot, and the thread in it, is as good as new.
    await coordinator.assign(moduleFixture('square.ts'), [{ x: 4 }], { first: 1 });
    expect(await coordinator.result(1)).toMatchObject({ kind: 'completed', metrics: { value: 16 } });
  });

  it('agent - a stop for an attempt that does not run here is refused', async () => {
    const coordinator = await TestCoordinator.start();
    const { id } = await startTestAgent(coordinator);
    await coordinator.assign(behave, [{ does: 'wait' }]);
    await coordinator.until(() => coordinator.of(0).length > 0);
    const stop = { version: 1, kind: 'stop', sweepId: coordinator.sweepId, number: 0, attempt: 2 } as const;
    const reply = await coordinator.bus.sendCommand(id, { ...stop, state: 'cancelled', reason: 'no' });
    expect(reply).toMatchObject({
      accepted: false,
      message: `attempt 2 of trial ${coordinator.sweepId}-0 does not run here`,
    });
  });

  it('agent - drains: hands back what runs, takes no more, and the drain command does the same', async () => {
    const coordinator = await TestCoordinator.start();
    const { id, agent } = await startTestAgent(coordinator);
    await coordinator.assign(behave, [{ does: 'wait' }]);
    await coordinator.assign(behave, [{ does: 'curve' }], { first: 1 });
    await coordinator.until(() => coordinator.of(0).length > 0);
    await coordinator.bus.sendCommand(id, { version: 1, kind: 'drain', reason: 'the sweep is over' });
    expect(agent.state).toBe('DRAINING');
    await agent.stopped;
    expect(agent.state).toBe('STOPPED');
    expect(await coordinator.result(0)).toMatchObject({ kind: 'returned', reason: 'the sweep is over' });
    expect(coordinator.of(1)).toEqual([]);
    expect(await coordinator.pending()).toBe(1);
  });

  it('agent - goes on training while nats-server is gone, and no report is lost', async () => {
    const coordinator = await TestCoordinator.start({ ownServer: true });
    await startTestAgent(coordinator);
    await coordinator.assign(behave, [{ does: 'steady', x: 1_500 }]);
    await coordinator.until(() => coordinator.of(0).length > 10);
    coordinator.nats.kill();
    const result = await coordinator.result(0);
    expect(result).toMatchObject({ kind: 'completed', metrics: { done: 1, at: 1_490 } });
    const sequences = new Set(coordinator.of(0).map(({ sequence }) => sequence));
    expect(sequences).toEqual(new Set(Array.from({ length: 152 }, (_, i) => i)));
  });

  it('agent - a trial that reports without end floods nothing: commands are heard, and it stops', async () => {
    const coordinator = await TestCoordinator.start();
    const { id } = await startTestAgent(coordinator);
    await coordinator.assign(behave, [{ does: 'flood', x: 1e9 }]);
    await coordinator.until(() => coordinator.of(0).length > 1_000);
    const stop = { version: 1, kind: 'stop', sweepId: coordinator.sweepId, number: 0, attempt: 1 } as const;
    await coordinator.bus.sendCommand(id, { ...stop, state: 'cancelled', reason: 'enough' });
    const { sequence } = await coordinator.result(0);
    // Whatever it had reported by then is there.
    expect(coordinator.of(0).map((report) => report.sequence)).toEqual(
      Array.from({ length: sequence + 1 }, (_, i) => i),
    );
  });

  it('agent - hundreds of short trials, taken ahead, are each trained once', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator, { slots: 2 });
    for (let first = 0; first < 400; first++) {
      await coordinator.assign(moduleFixture('square.ts'), [{ x: first }], { first });
    }
    await coordinator.until(() => coordinator.results().length === 400);
    expect(new Set(coordinator.results().map(({ number }) => number)).size).toBe(400);
    expect(
      coordinator
        .results()
        .every((one) => one.kind === 'completed' && one.metrics['value'] === one.number ** 2),
    );
    // Claims of several assignments went together.
    expect(coordinator.claims.length).toBeLessThan(300);
  });

  it('agent - what was taken ahead is handed back when trials become long', async () => {
    const coordinator = await TestCoordinator.start();
    const { agent } = await startTestAgent(coordinator);
    for (let first = 0; first < 30; first++) await coordinator.assign(behave, [{ does: 'curve' }], { first });
    for (let first = 30; first < 40; first++) await coordinator.assign(behave, [{ does: 'wait' }], { first });
    const returned = await coordinator.until(() =>
      coordinator.results().find(({ kind }) => kind === 'returned'),
    );
    expect(returned).toMatchObject({ reason: 'taken ahead, and no slot got free' });
    expect(coordinator.of(returned.number).map(({ kind }) => kind)).toEqual(['started', 'returned']);
    agent.drain('enough');
    await agent.stopped;
  });
});
