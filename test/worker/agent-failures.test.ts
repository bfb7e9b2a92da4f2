import { describe, expect, it } from 'vitest';
import { natsProgram } from '../support/nats.js';
import { moduleFixture, startTestAgent } from './test-agent.js';
import { TestCoordinator } from './test-coordinator.js';

const behave = moduleFixture('behave.ts');

describe.skipIf(!natsProgram)('agent failures', () => {
  it.each([
    ['nan', 'trial', 'accuracy is NaN at step 3'],
    ['text', 'trial', "accuracy is '0.9' in the result: metrics are numbers"],
    ['bigint', 'trial', 'n is 10n in the result: metrics are numbers'],
    ['number', 'trial', 'the objective returned 3: return metrics by name, e.g. { loss: 0.5 }'],
    ['nothing', 'trial', 'ended without a result: no metric was reported or returned'],
    ['backwards', 'trial', 'step 2 was reported after step 5: steps ascend'],
    ['trialError', 'trial', 'too many layers: 9'],
    ['exit', 'crash', 'the training thread ended with exit code 3'],
    ['later', 'crash', 'the training thread died: thrown from a timer'],
  ])('agent - a trial fails as its class says: %s', async (does, failureClass, message) => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    await coordinator.assign(behave, [{ does }]);
    const result = await coordinator.result(0);
    expect(result).toMatchObject({ kind: 'failed', failure: { class: failureClass, message } });
    // Whatever happened to the thread, there is one for the next trial.
    await coordinator.assign(moduleFixture('square.ts'), [{ x: 4 }], { first: 1 });
    expect(await coordinator.result(1)).toMatchObject({ kind: 'completed' });
  });

  it('agent - a crash says where in the TypeScript it happened', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    await coordinator.assign(behave, [{ does: 'crash' }]);
    const result = await coordinator.result(0);
    const message = result.kind === 'failed' ? result.failure.message : '';
    expect(message).toMatch(/^TypeError: no such thing\n\s+at .*behave\.ts:\d+:\d+/);
    expect(message).not.toMatch(/node_modules|dist\/worker/);
  });

  it.each(['wait', 'busy', 'deaf'])(
    'agent - trial.timeout ends a trial that takes longer (%s)',
    async (does) => {
      const coordinator = await TestCoordinator.start();
      await startTestAgent(coordinator, { grace: 200 });
      await coordinator.assign(behave, [{ does }], { timeout: 0.8 });
      const result = await coordinator.result(0);
      const failure = { class: 'timeout', message: 'took longer than trial.timeout allows (800 ms)' };
      expect(result).toMatchObject({ kind: 'failed', failure });
      expect(result).toHaveProperty('slotSeconds', expect.closeTo(1, 0));
    },
  );

  it.each(['behave.ts', 'wasm-memory.js'])(
    'agent - trial.memoryLimit ends a trial that takes more (%s)',
    async (name) => {
      const coordinator = await TestCoordinator.start();
      await startTestAgent(coordinator);
      await coordinator.assign(moduleFixture(name), [{ does: 'heap' }], { memoryLimit: 150e6 });
      const result = await coordinator.result(0);
      const message = expect.stringMatching(/^uses \d+ MB, trial\.memoryLimit is 150 MB$/) as string;
      expect(result).toMatchObject({ kind: 'failed', failure: { class: 'memory', message } });
    },
  );

  it('agent - a thread that runs out of heap fails its trial and is replaced', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator, { resourceLimits: { maxOldGenerationSizeMb: 64 } });
    await coordinator.assign(behave, [{ does: 'heap' }]);
    await coordinator.assign(moduleFixture('square.ts'), [{ x: 4 }], { first: 1 });
    const failure = { class: 'memory', message: 'the training thread ran out of V8 heap' };
    expect(await coordinator.result(0)).toMatchObject({ kind: 'failed', failure });
    expect(await coordinator.result(1)).toMatchObject({ kind: 'completed' });
  });

  it.each([
    ['in training', {}],
    ['in the search for the size of packs', { packs: true }],
  ])('agent - a module that gives up %s fails its trials, and its thread is replaced', async (_, given) => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator);
    await coordinator.assign(moduleFixture('aborting.ts'), [given, given], { packKey: 'aborting' });
    const message = expect.stringMatching(/^WebAssembly ran out of memory: Aborted\(OOM\)/) as string;
    for (const number of [0, 1])
      expect(await coordinator.result(number)).toMatchObject({ failure: { class: 'memory', message } });
    await coordinator.assign(moduleFixture('square.ts'), [{ x: 4 }], { first: 2 });
    expect(await coordinator.result(2)).toMatchObject({ kind: 'completed' });
  });

  it('agent - a trial that reports nothing for long hangs, where the worker looks for that', async () => {
    const coordinator = await TestCoordinator.start();
    await startTestAgent(coordinator, { hangAfter: 2_000, grace: 200 });
    // What loads modules is itself loaded with the first one, which takes its time on a busy machine.
    await coordinator.assign(moduleFixture('square.ts'), [{ x: 1 }], { first: 2 });
    await coordinator.result(2);
    await coordinator.assign(behave, [{ does: 'steady', x: 3_000 }]);
    await coordinator.assign(behave, [{ does: 'deaf' }], { first: 1 });
    expect(await coordinator.result(0)).toMatchObject({ kind: 'completed' });
    const message = expect.stringContaining('no report for ') as string;
    expect(await coordinator.result(1)).toMatchObject({
      kind: 'failed',
      failure: { class: 'hang', message },
    });
  });

  it('agent - runs commands and modules only where its flags allow it', async () => {
    const coordinator = await TestCoordinator.start();
    const below = new URL('fixtures/only', import.meta.url).pathname;
    await startTestAgent(coordinator, { permissions: { commands: false, modules: { below } } });
    await coordinator.assign({ kind: 'command', command: ['true'] }, [{}]);
    await coordinator.assign(moduleFixture('square.ts'), [{}], { first: 1 });
    await coordinator.assign(moduleFixture('only/../square.ts'), [{}], { first: 2 });
    await coordinator.assign(moduleFixture('only/allowed.ts'), [{}], { first: 3 });
    await coordinator.assign({ kind: 'builtin', name: 'nonesuch' }, [{}], { first: 4 });
    const messageOf = async (number: number): Promise<unknown> => {
      const result = await coordinator.result(number);
      return result.kind === 'failed' ? [result.failure.class, result.failure.message] : result.kind;
    };
    const command = 'this worker runs no commands (true): start it with --allow-commands';
    expect(await messageOf(0)).toEqual(['setup', command]);
    const outside = `this worker runs modules below ${below} only, not ${moduleFixture('square.ts').path}: see --allow-modules`;
    expect(await messageOf(1)).toEqual(['setup', outside]);
    expect(await messageOf(2)).toEqual(['setup', outside]);
    expect(await messageOf(3)).toBe('completed');
    expect(await messageOf(4)).toEqual(['setup', 'there is no trainable nonesuch: built in are har']);
  });
});
