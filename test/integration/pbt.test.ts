import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { pbtOriginOf } from '../../src/sweep/pbt.js';
import type { Trial } from '../../src/sweep/trial.js';
import { natsProgram } from '../support/nats.js';
import { count, House } from './house.js';

const program = fileURLToPath(new URL('fixtures/learner-command.js', import.meta.url));
const learner = fileURLToPath(new URL('fixtures/learner.js', import.meta.url));

/** Four members of four intervals: y is what is left of 1 after 16 steps. */
async function houseOf(more = '', search = ''): Promise<House> {
  const house = await House.build(1);
  await cp(learner, join(house.directory, 'objective.js'));
  await house.sweepFile(
    `space: { rate: { float: [0.01, 0.9], log: true } }\nobjectives: { y: minimize }\n` +
      `search: { sampler: pbt, population: 4, steps: 16, interval: 4${search} }\n${more}`,
  );
  return house;
}

/** By trial: the step at which each of its attempts began. */
async function beginnings(house: House): Promise<Map<number, number[]>> {
  const text = await readFile(join(house.directory, 'begun.log'), 'utf8');
  const found = new Map<number, number[]>();
  for (const line of text.trim().split('\n')) {
    const [number = NaN, step = NaN] = line.split(':').map(Number);
    found.set(number, [...(found.get(number) ?? []), step]);
  }
  return found;
}

/** What a trial's y must be: that of the trials it goes on from, times what its own rate leaves of it. */
function expectedY(trials: readonly Trial[], trial: Trial): number {
  const { from } = pbtOriginOf(trial) ?? {};
  const before = from === undefined ? undefined : trials[from];
  return (before ? expectedY(trials, before) : 1) * (1 - Number(trial.parameters['rate'])) ** 4;
}

function checkPopulation(trials: readonly Trial[]): void {
  expect(trials.map(({ state }) => state)).toEqual(new Array(16).fill('completed'));
  for (const trial of trials) {
    const { generation = NaN } = pbtOriginOf(trial) ?? {};
    expect(trial.lastStep).toBe(4 * (generation + 1));
    expect(trial.metrics['y']).toBeCloseTo(expectedY(trials, trial), 10);
  }
}

describe.skipIf(!natsProgram)('pbt', () => {
  it('pbt - every interval goes on where another one ended, from the checkpoints of the better ones', async () => {
    const house = await houseOf();
    const { code, output, errors } = await house.start().ended;
    expect({ code, errors }).toMatchObject({ code: 0 });
    expect(output).toContain('16');
    const trials = await house.trials();
    checkPopulation(trials);
    const begun = await beginnings(house);
    for (const trial of trials)
      expect(begun.get(trial.number)).toEqual([4 * (pbtOriginOf(trial)?.generation ?? NaN)]);
    const store = await house.store();
    const decisions = await store.decisions((await house.sweep()).id);
    expect(decisions.filter(({ action }) => action === 'exploit' || action === 'continue')).toHaveLength(12);
    const exploited = decisions.find(({ action }) => action === 'exploit');
    expect(exploited?.reason).toMatch(
      /^pbt: rank \d of \d at step 4 \(y [\d.e-]+\): goes on from trial \d \(y [\d.e-]+\) with rate [\d.]+ -> [\d.]+$/,
    );
    // Curves go on, they do not begin anew.
    const { number = NaN } = exploited ?? {};
    const reports = await store.reports({ sweepId: (await house.sweep()).id, number });
    expect(reports.map(({ step }) => step)).toEqual([5, 6, 7, 8]);
  });

  it('pbt - goes on after kill -9 of the coordinator and its workers', async () => {
    const house = await houseOf('fixed: { mode: gate }');
    const killed = house.start();
    // In the second interval all wait at the gate.
    await house.until(
      'the second interval has begun',
      (all) => all.length > 4 && count(all, 'running') === 2,
    );
    await killed.kill();
    await house.openGate();
    const { code, errors } = await house.start().ended;
    expect({ code, errors }).toMatchObject({ code: 0 });
    const trials = await house.trials();
    checkPopulation(trials);
    // Nobody who goes on from another one's checkpoint began at its first step.
    const begun = await beginnings(house);
    for (const trial of trials.slice(4))
      expect(Math.min(...(begun.get(trial.number) ?? [0]))).toBeGreaterThan(3);
  });

  it('pbt - a failed attempt goes on where its interval began, a failed member gives way to a copy', async () => {
    const house = await houseOf('fixed: { mode: fails }\ntrial: { retries: 1 }');
    expect((await house.start().ended).code).toBe(0);
    const trials = await house.trials();
    expect(trials).toHaveLength(16);
    expect(count(trials, 'completed')).toBe(15);
    expect(trials[1]?.state).toBe('failed');
    const next = trials.find((trial) => pbtOriginOf(trial)?.member === 1 && trial.number !== 1);
    expect(pbtOriginOf(next ?? {})?.from).not.toBe(1);
    for (const trial of trials)
      if (trial.number !== 1) expect(trial.metrics['y']).toBeCloseTo(expectedY(trials, trial), 10);
    // One has crashed in the second interval.
    const begun = await beginnings(house);
    const again = trials.filter(({ number, attempts }) => number !== 1 && attempts === 2);
    expect(again.map(({ number }) => begun.get(number))).toEqual([[4, 4]]);
  });

  it('pbt - a trainable that saves nothing is told what it lacks', async () => {
    const house = await houseOf('fixed: { mode: forgets }');
    const { code, output, errors } = await house.start().ended;
    expect(code).not.toBe(0);
    expect(output + errors).toContain(
      'it saves no checkpoints, and another trial is to go on from its step 4',
    );
  });

  it('pbt - a program goes on from the files of another trial', async () => {
    const house = await House.build(1);
    await cp(program, join(house.directory, 'train.js'));
    const command = JSON.stringify([process.execPath, join(house.directory, 'train.js'), '{rate}']);
    await house.write(
      'sweep.yaml',
      `name: house\ntrainable: { command: ${command} }\nspace: { rate: { float: [0.01, 0.9], log: true } }\n` +
        'objectives: { y: minimize }\nsearch: { sampler: pbt, population: 2, steps: 16, interval: 8 }\n',
    );
    const { code, errors } = await house.start().ended;
    expect({ code, errors }).toMatchObject({ code: 0 });
    const trials = await house.trials();
    expect(trials.map(({ state }) => state)).toEqual(new Array(4).fill('completed'));
    for (const trial of trials.slice(2)) {
      const reports = await (await house.store()).reports(trial);
      // It may have reported once more before it was ended.
      expect(reports[0]?.step).toBeGreaterThanOrEqual(9);
      expect(reports.at(-1)?.step).toBe(16);
    }
  });
});
