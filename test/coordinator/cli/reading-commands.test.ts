import { mkdtemp, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bestCommand } from '../../../src/coordinator/cli/best.js';
import { exportCommand } from '../../../src/coordinator/cli/export.js';
import { statusCommand } from '../../../src/coordinator/cli/status.js';
import { sweepsCommand } from '../../../src/coordinator/cli/sweeps.js';
import { trialsCommand } from '../../../src/coordinator/cli/trials.js';
import { Recorded, runCommand, storeSweep, temporaryStore } from './stored-sweeps.js';

const noisy = `
name: noisy
trainable: ./train.ts
fixed: { selectOn: test }
space: { optimizer: [adam, sgd], lr: { float: [0.001, 0.1], log: true } }
objectives: { accuracy: maximize, memory: minimize }
limits: ['memory <= 1000']
search: { trials: 8 }
replicates: 2
`;
const plain = `
name: plain
trainable: ./train.ts
space: { x: { int: [1, 5] }, note: [short, 'with, comma "quoted"'] }
objectives: { loss: minimize }
`;

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
let dir: string[];

beforeAll(async () => {
  temporary = await temporaryStore();
  dir = ['--dir', temporary.directory];
  await storeSweep(temporary.store, noisy, [
    ...[0.8, 0.9].map((accuracy, replicate) => ({
      configuration: 0,
      replicate,
      parameters: { optimizer: 'adam', lr: 0.0025 },
      metrics: { accuracy, memory: 500 },
    })),
    ...[0.84, 0.86].map((accuracy, replicate) => ({
      configuration: 1,
      replicate,
      parameters: { optimizer: 'sgd', lr: 0.01 },
      metrics: { accuracy, memory: 900 },
    })),
    ...[0.95, 0.97].map((accuracy, replicate) => ({
      configuration: 2,
      replicate,
      parameters: { optimizer: 'sgd', lr: 0.02 },
      metrics: { accuracy, memory: 4000 },
    })),
    {
      configuration: 3,
      parameters: { optimizer: 'sgd', lr: 0.1 },
      state: 'failed' as const,
      failure: { class: 'trial' as const, message: 'loss is NaN\nat step 3' },
    },
  ]);
  await storeSweep(
    temporary.store,
    plain,
    [3, 1, 1, 2].map((loss, index) => ({
      configuration: index,
      parameters: { x: index + 1, note: index === 1 ? 'with, comma "quoted"' : 'short' },
      metrics: { loss },
    })),
  );
});
afterAll(() => temporary.close());

describe('best', () => {
  it('best - ranks by what is expected after all seeds, feasible ones first, and marks what needs marking', async () => {
    const { text, remarks } = await runCommand(bestCommand, ['noisy', ...dir]);
    expect(text.trimEnd().split('\n')).toEqual([
      'rank  trial  optimizer      lr  accuracy        ±  memory   ±  seeds  expected  P(best)  marks',
      '   1    0-1  adam       0.0025    0.8500  ±0.0707     500  ±0      2    0.8628      51%  Pareto front',
      '   2    2-3  sgd          0.01    0.8500  ±0.0141     900  ±0      2    0.8594      49%',
      '   3    4-5  sgd          0.02    0.9600  ±0.0141    4000  ±0      2    0.9434           infeasible: memory <= 1000',
    ]);
    expect(remarks).toContain("2 configurations can't be told apart (trials 0, 2)");
    expect(remarks).toContain('Selected on the test set');
  });

  it('best - a replicate that diverged does not fill its column with digits', async () => {
    const own = await temporaryStore();
    const losses = [0.5, 1.2345678901234567e21].map((loss, replicate) => ({
      configuration: 0,
      replicate,
      parameters: { x: 1, note: 'short' },
      metrics: { loss },
    }));
    await storeSweep(own.store, plain, [
      ...losses,
      { configuration: 1, parameters: { x: 2, note: 'short' }, metrics: { loss: 0.25 } },
    ]);
    const { text } = await runCommand(bestCommand, ['plain', '--dir', own.directory]);
    await own.close();
    expect(text).toContain('±8.73e+20');
  });

  it('best - JSON is an array of configurations with means, spread and seeds', async () => {
    const { text } = await runCommand(bestCommand, ['noisy', '--format', 'json', '--top', '1', ...dir]);
    const [best] = JSON.parse(text) as Record<string, unknown>[];
    expect(best).toMatchObject({
      rank: 1,
      number: 0,
      state: 'completed',
      parameters: { optimizer: 'adam', lr: 0.0025 },
      metrics: { accuracy: 0.85, memory: 500 },
      replicates: 2,
      numbers: [0, 1],
      tied: false,
      nearBest: true,
      feasible: true,
      brokenLimits: [],
      pareto: true,
      selectedOnTest: true,
    });
    const [low = 0, high = 0] = best?.['interval'] as number[];
    expect(low).toBeLessThan(best?.['expected'] as number);
    expect(high).toBeGreaterThan(best?.['expected'] as number);
    expect(best?.['probabilityBest']).toBeGreaterThan(0.2);
    expect((best?.['spread'] as Record<string, number>)['accuracy']).toBeCloseTo(Math.SQRT2 / 20, 10);
    expect(new Set(best?.['seeds'] as number[]).size).toBe(2);
  });

  it('best - --where filters by means and parameters, --by ranks by another objective', async () => {
    const rows = async (...args: string[]): Promise<number[]> => {
      const { text } = await runCommand(bestCommand, ['noisy', '--format', 'json', ...args, ...dir]);
      return (JSON.parse(text) as { configuration: number }[]).map(({ configuration }) => configuration);
    };
    expect(await rows('--where', 'memory <= 900 and optimizer == "sgd"')).toEqual([1]);
    expect(await rows('--by', 'memory')).toEqual([0, 1, 2]);
    expect(await rows('--where', 'accuracy > 2')).toEqual([]);
  });

  it('best - says what is wrong with --where and --by', async () => {
    const fails = (...args: string[]) => expect(runCommand(bestCommand, ['noisy', ...args, ...dir])).rejects;
    await fails('--where', 'memroy <= 3').toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('unknown name "memroy" (did you mean "memory"?)') as string,
    });
    await fails('--where', 'memory =< 3').toThrow('--where: ');
    await fails('--where', 'memory').toThrow('is a number, but must be a condition');
    await fails('--by', 'accurcy').toThrow('"accurcy" is not an objective (did you mean "accuracy"?)');
  });

  it('best - ties without replicates share a rank', async () => {
    const { text, remarks } = await runCommand(bestCommand, ['plain', ...dir]);
    expect(remarks).toContain('One seed each');
    expect(text.split('\n').map((line) => line.trim().split(/\s+/)[0])).toEqual([
      'rank',
      '=1',
      '=1',
      '3',
      '4',
      '',
    ]);
  });
});

describe('trials', () => {
  it('trials - JSON has what is documented, in order', async () => {
    const { text } = await runCommand(trialsCommand, [
      'noisy',
      '--state',
      'failed',
      '--format',
      'json',
      ...dir,
    ]);
    expect(JSON.parse(text)).toMatchObject([
      {
        number: 6,
        state: 'failed',
        parameters: { optimizer: 'sgd', lr: 0.1 },
        metrics: {},
        configuration: 3,
        replicate: 0,
        attempts: 1,
        lastStep: null,
        failure: { class: 'trial', message: 'loss is NaN\nat step 3' },
        reason: null,
        workerId: 'worker-1',
        startedAt: '2023-11-14T22:13:20.000Z',
        finishedAt: '2023-11-14T22:14:20.000Z',
      },
    ]);
  });

  it('trials - CSV quotes what needs it, and leaves absent values empty', async () => {
    const { text } = await runCommand(trialsCommand, [
      'plain',
      '--where',
      'number in [1, 2]',
      '--format',
      'csv',
      ...dir,
    ]);
    const [header, first, second] = text.split('\n');
    expect(header).toBe(
      'number,state,configuration,replicate,seed,attempts,lastStep,failureClass,failureMessage,reason,workerId,' +
        'createdAt,startedAt,finishedAt,parameters.x,parameters.note,metrics.loss',
    );
    expect(first).toMatch(/^1,completed,1,0,\d+,1,,,,,worker-1,.*,2,"with, comma ""quoted""",1$/);
    expect(second).toMatch(/^2,completed,.*,3,short,1$/);
  });

  it('trials - a table fits a narrow terminal, and one line is one trial', async () => {
    for (const width of [40, 50, 60, 80, 120]) {
      const { text } = await runCommand(trialsCommand, ['noisy', ...dir], new Recorded(width));
      const lines = text.trimEnd().split('\n');
      expect(lines.filter((line) => /^ *\d/.test(line))).toHaveLength(7);
      for (const line of lines)
        expect(line.length).toBeLessThanOrEqual(Math.max(width, line.startsWith('(') ? 200 : 0));
    }
  });

  it('trials - the newest sweep is meant where none is named; --limit ends the list', async () => {
    const { text } = await runCommand(trialsCommand, ['--limit', '2', '--format', 'json', ...dir]);
    expect((JSON.parse(text) as { number: number }[]).map(({ number }) => number)).toEqual([0, 1]);
    expect(text).toContain('"note"');
  });

  it('trials - an unknown sweep is an error with the nearest name and exit code 2', async () => {
    await expect(runCommand(trialsCommand, ['niosy', ...dir])).rejects.toMatchObject({
      exitCode: 2,
      message: 'there is no sweep "niosy"; did you mean "noisy"?',
    });
  });
});

describe('sweeps and status', () => {
  it('sweeps - newest first, in every format', async () => {
    const { text } = await runCommand(sweepsCommand, ['--format', 'json', ...dir]);
    const sweeps = JSON.parse(text) as { name: string; trials: Record<string, number> }[];
    expect(sweeps.map(({ name }) => name)).toEqual(['plain', 'noisy']);
    expect(sweeps[1]?.trials).toMatchObject({ completed: 6, failed: 1, queued: 0 });
    const table = await runCommand(sweepsCommand, dir);
    expect(table.text).toMatch(/^sweep +id +state +ended +failed +ran +created/);
    expect(table.text).toMatch(/noisy .* 7 of 7 +1 /);
    const csv = await runCommand(sweepsCommand, ['--format', 'csv', ...dir]);
    expect(csv.text.split('\n')).toHaveLength(4);
  });

  it('status - how far it is, what failed, what is best', async () => {
    const { text } = await runCommand(statusCommand, ['noisy', ...dir]);
    expect(text).toMatch(/^noisy \(\w{8}\): running\n/);
    expect(text).toContain('7 of 8 ended: 6 completed, 1 failed');
    expect(text).toContain('1 by trial, e.g. loss is NaN at step 3');
    expect(text).toContain('accuracy 0.85 ±0.071 with optimizer=adam  lr=0.0025 [selected on the test set]');
    const json = await runCommand(statusCommand, ['noisy', '--format', 'json', ...dir]);
    expect(JSON.parse(json.text)).toMatchObject({ name: 'noisy', ended: 7, planned: 8, best: { number: 0 } });
  });
});

describe('export', () => {
  it('export - JSON to a file is whole, and nothing else is left behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sweepyard-export-'));
    const path = join(folder, 'trials.json');
    const { text, remarks } = await runCommand(exportCommand, [
      'noisy',
      '--format',
      'json',
      '-o',
      path,
      ...dir,
    ]);
    expect(text).toBe('');
    expect(remarks).toContain(path);
    const trials = JSON.parse(await readFile(path, 'utf8')) as { number: number }[];
    expect(trials.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await readdir(folder)).toEqual(['trials.json']);
  });

  it('export - CSV has a line for each trial', async () => {
    const { text } = await runCommand(exportCommand, ['plain', ...dir]);
    expect(text.trimEnd().split('\n')).toHaveLength(5);
  });

  it('export - a file that can not be written is an error that names it', async () => {
    await expect(runCommand(exportCommand, ['plain', '-o', '/nowhere/trials.csv', ...dir])).rejects.toThrow(
      '/nowhere/trials.csv cannot be written',
    );
  });
});
