import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bestCommand } from '../../../src/coordinator/cli/best.js';
import { trialCommand } from '../../../src/coordinator/cli/trial.js';
import { runCommand, temporaryStore } from './stored-sweeps.js';
import { definitionOf } from '../definitions.js';

let house: Awaited<ReturnType<typeof temporaryStore>>;

beforeAll(async () => {
  house = await temporaryStore();
  const source =
    'name: p\ntrainable: ./t.ts\nspace: { lr: { float: [0, 1] } }\nobjectives: { y: maximize }\n' +
    'search: { sampler: pbt, population: 2, steps: 20, interval: 10 }\n';
  const { id } = await house.store.createSweep({ definition: definitionOf(source), source });
  const parts = [
    { lr: 0.5, pbt: { member: 0, generation: 0, until: 10 } },
    { lr: 0.1, pbt: { member: 1, generation: 0, until: 10 } },
    { lr: 0.4, pbt: { member: 1, generation: 1, from: 0 } },
  ];
  await house.store.addTrials(
    id,
    parts.map(({ lr, pbt }, number) => {
      const origin = { pbt };
      return { number, configuration: number, replicate: 0, seed: number, parameters: { lr }, origin };
    }),
  );
  await house.store.record({
    sweepId: id,
    started: parts.map((_, number) => ({ number, attempt: 1, workerId: 'w', startedAt: 1 })),
    reports: parts.map(({ pbt }, number) => {
      const step = pbt.until ?? 20;
      return { number, attempt: 1, sequence: 1, step, metrics: { y: number }, reportedAt: 2 };
    }),
    results: parts.map((_, number) => {
      return { number, attempt: 1, state: 'completed' as const, metrics: { y: number }, finishedAt: 3 };
    }),
  });
});

afterAll(() => house.close());

describe('trial - of a population', () => {
  it('trial - shows which parameters held when, and no sweep file to repeat it', async () => {
    const { text } = await runCommand(trialCommand, ['2', '--dir', house.directory]);
    const schedule = text.slice(text.indexOf('schedule')).trimEnd().split('\n');
    expect(schedule.map((line) => line.trim().replace(/\s+/g, ' '))).toEqual([
      'schedule',
      'steps trial lr',
      '0 to 10 0 0.5',
      '10 to the end 2 0.4',
    ]);
    expect(text).not.toContain('repeat it');
  });

  it('trial - JSON has the schedule', async () => {
    const { text } = await runCommand(trialCommand, ['2', '--dir', house.directory, '--format', 'json']);
    expect(JSON.parse(text)).toMatchObject({
      schedule: [
        { trial: 0, after: 0, until: 10, parameters: { lr: 0.5 } },
        { trial: 2, after: 10, parameters: { lr: 0.4 } },
      ],
    });
  });
});

describe('best - of a population', () => {
  it('best - lists each member once, at the last interval that it has completed', async () => {
    const { text, remarks } = await runCommand(bestCommand, ['p', '--dir', house.directory]);
    const table = text
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().replace(/\s+/g, ' '));
    expect(table.slice(0, 1)).toEqual(['rank trial member step lr y']);
    expect(table.filter((line) => /^\d/.test(line))).toEqual(['1 2 1 20 0.4 2', '2 0 0 10 0.5 0']);
    expect(remarks).toContain(
      '2 members, each at the last interval that it has completed (coordinator trials lists all 3).',
    );
    expect(remarks).not.toContain('replicates');
  });

  it('best - JSON and CSV say which member and how far it was trained', async () => {
    const { text } = await runCommand(bestCommand, ['p', '--dir', house.directory, '--format', 'json']);
    expect(JSON.parse(text)).toMatchObject([
      { number: 2, member: 1, lastStep: 20 },
      { number: 0, member: 0, lastStep: 10 },
    ]);
    const csv = await runCommand(bestCommand, ['p', '--dir', house.directory, '--format', 'csv']);
    const [header = '', first = ''] = csv.text.split('\n');
    const fields = header.split(',');
    const cells = first.split(',');
    expect([cells[fields.indexOf('member')], cells[fields.indexOf('lastStep')]]).toEqual(['1', '20']);
    expect(cells).toHaveLength(fields.length);
  });
});
