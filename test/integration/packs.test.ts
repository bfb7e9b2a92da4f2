import { describe, expect, it } from 'vitest';
import { connectWorkerBus } from '../../src/messaging/nats-worker-bus.js';
import type { Trial } from '../../src/sweep/trial.js';
import har from '../../src/worker/trainables/har.js';
import { natsProgram } from '../support/nats.js';
import { member, trainingContext, type Outcome } from '../worker/har/training-context.js';
import { eventually, House, no } from './house.js';

const fixed = { dataset: 'synthetic-har', nhidden: 4, batchSize: 200, optimizer: 'adam', passes: 12 };
/** Of three steps each: a trial alone is to be seen within its training by a test process that is starved of time. */
const passesAlone = 40;
/** Other backends and kernels round in other ways. */
const often = {
  environment: { SWEEPYARD_CHECKPOINT_EVERY: '100ms' },
  flags: ['--backend', 'wasm', '--kernels', 'wasm'],
};

async function harHouse(rates: readonly number[], workers: string, passes = fixed.passes): Promise<House> {
  const house = await House.build(1);
  await house.write(
    'sweep.yaml',
    [
      'name: house',
      'trainable: har',
      `fixed: ${JSON.stringify({ ...fixed, passes })}`,
      `space: { lr: ${JSON.stringify(rates)} }`,
      'search: { sampler: grid }',
      'objectives: { accuracy: maximize }',
      `workers: ${workers}`,
    ].join('\n'),
  );
  return house;
}

/** Resolves when so many trials have a checkpoint of at least this step. */
async function saved(house: House, numbers: readonly number[], step: number): Promise<void> {
  const { port, worker } = await house.nats();
  const bus = await connectWorkerBus({ address: { host: '127.0.0.1', port, ...worker }, name: 'test' });
  try {
    const sweepId = (await house.sweep()).id;
    await eventually('checkpoints are saved', async () => {
      for (const number of numbers)
        if (((await bus.loadCheckpoint({ sweepId, number }))?.step ?? 0) < step) no();
    });
  } finally {
    await bus.close();
  }
}

/** What the trial comes to alone and undisturbed. */
async function undisturbed({ number, seed, parameters }: Trial, passes: number): Promise<Outcome> {
  const alone = member(number, seed, { ...fixed, passes, ...parameters });
  await har.train({ members: [alone] }, trainingContext({ backend: 'wasm', kernels: 'wasm' }));
  return alone.outcome;
}

/** @param digits after the point: in a pack, sums are rounded in another order, and training makes more of it */
async function expectAsUndisturbed(trial: Trial, digits: number, passes = fixed.passes): Promise<void> {
  const { completed } = await undisturbed(trial, passes);
  for (const name of ['loss', 'validationLoss', 'accuracy', 'testAccuracy']) {
    const wanted = completed?.metrics[name];
    if (wanted !== undefined) expect(trial.metrics[name], name).toBeCloseTo(wanted, digits);
  }
  expect(trial.metrics['validationLoss']).toBeGreaterThan(0);
}

// Trials that are long enough for a worker to be killed within them.
describe.skipIf(!natsProgram)('packs and checkpoints', { timeout: 120_000 }, () => {
  it('worker killed within a trial - the next one goes on, no report is lost, the result is the same', async () => {
    const house = await harHouse([0.01], '{ pack: off }', passesAlone);
    const coordinator = house.start('--no-worker');
    const first = await house.worker({ name: 'first', ...often });
    await saved(house, [0], 5);
    await first.kill();
    const second = await house.worker({ name: 'second', ...often });
    expect((await coordinator.ended).code).toBe(0);
    const [trial] = await house.trials();
    expect(trial).toMatchObject({ state: 'completed', attempts: 2 });
    await expectAsUndisturbed(trial!, 6, passesAlone);
    const reports = await (await house.store()).reports(trial!);
    const steps = new Set(reports.map(({ step }) => step));
    expect(steps).toEqual(new Set(Array.from({ length: 3 * passesAlone }, (_, i) => i + 1)));
    const resumedAt = Math.min(...reports.filter(({ attempt }) => attempt === 2).map(({ step }) => step));
    expect(resumedAt).toBeGreaterThan(5);
    await second.kill('SIGTERM');
  });

  it('worker killed with a pack - its members go on in another pack, and each is what it is alone', async () => {
    const house = await harHouse([0.002, 0.005, 0.01, 0.02, 0.03, 1e30], '{ pack: 3 }');
    const coordinator = house.start('--no-worker');
    const first = await house.worker({ name: 'first', ...often });
    await saved(house, [0, 1, 2], 5);
    // Three trials in the one slot.
    expect((await house.trials()).filter(({ state }) => state === 'running')).toHaveLength(3);
    await first.kill();
    const second = await house.worker({ name: 'second', ...often });
    expect((await coordinator.ended).code).toBe(0);
    const trials = await house.trials();
    expect(trials.map(({ state }) => state)).toEqual([...Array<string>(5).fill('completed'), 'failed']);
    expect(trials[5]?.failure?.message).toMatch(/the loss is no number any more after pass 1 /);
    for (const trial of trials.slice(0, 3)) expect(trial.attempts).toBe(2);
    for (const trial of trials.slice(0, 5)) await expectAsUndisturbed(trial, 2);
    await second.kill('SIGTERM');
  });
});
