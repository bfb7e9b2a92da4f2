import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { validateCommand } from '../../../src/coordinator/cli/validate.js';
import { runCommand } from './stored-sweeps.js';

let folder: string;
const file = async (text: string): Promise<string> => {
  const path = join(folder, 'sweep.yaml');
  await writeFile(path, text);
  return path;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweepyard-validate-'));
});

describe('validate', () => {
  it('validate - shows size, sampler and why, trials and examples', async () => {
    const path = await file(
      'name: s\ntrainable: { command: [train] }\nspace: { x: { int: [1, 5] }, k: [a, b] }\nobjectives: { loss: minimize }\n' +
        'replicates: 3\nbudget: { time: 90m }\n',
    );
    const { text } = await runCommand(validateCommand, [path, '--examples', '3']);
    const lines = text.split('\n');
    expect(lines.slice(0, 9)).toEqual([
      's: no problems',
      '  space       10 configurations of 2 searched parameters',
      '  sampler     grid (auto: all 10 configurations can be tried)',
      '  trials      30, 3 replicates of each configuration',
      '  objectives  minimize loss',
      '  budget      time 1 h 30 m',
      '  each trial  2 retries',
      '  examples',
      expect.stringMatching(/^ {4}x=[1-5] {2}k=[ab]$/),
    ]);
    expect(lines).toHaveLength(12);
  });

  it.each([
    ['asha', 'asha (min 1, reduction 3)'],
    [
      '{ type: asha, metric: score, direction: maximize, max: 27, resume: true }',
      'asha by score (min 1, max 27, reduction 3, resume)',
    ],
    ['{ type: threshold, metric: loss, upper: 9 }', 'threshold (upper 9, warmup 0)'],
  ])('validate - says what stops trials early: %s', async (pruner, shown) => {
    const path = await file(
      `name: s\ntrainable: { command: [train] }\nspace: { x: { int: [1, 5] } }\nobjectives: { loss: minimize }\npruner: ${pruner}\n`,
    );
    const lines = (await runCommand(validateCommand, [path])).text.split('\n');
    expect(lines[lines.indexOf('  objectives  minimize loss') + 1]).toBe(`  pruner      ${shown}`);
  });

  it.each(['abc', '-5', '101'])('validate - --examples %s is refused', async (n) => {
    await expect(runCommand(validateCommand, ['sweep.yaml', `--examples=${n}`])).rejects.toThrow(
      'whole number from 0 to 100',
    );
  });

  it('validate - all problems with their lines, exit code 2', async () => {
    const path = await file(
      'name: s\ntrainable: { command: [train] }\nspace: { x: { int: [5, 1] } }\nobjectives: { loss: min }\n',
    );
    await expect(runCommand(validateCommand, [path])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /sweep\.yaml:3:20 .*\n.*\n.*\^{6}\n\n.*sweep\.yaml:4:21 [^]*2 problems in /,
      ) as string,
    });
  });

  it('validate - files that are not there, and modules that are not there', async () => {
    await expect(runCommand(validateCommand, [join(folder, 'none.yaml')])).rejects.toThrow(
      /^there is no file /,
    );
    await expect(runCommand(validateCommand, [folder])).rejects.toThrow(/is no file; a sweep file is needed/);
    const path = await file(
      'name: s\ntrainable: ./no.ts\nspace: { x: [1, 2] }\nobjectives: { loss: minimize }\n',
    );
    await expect(runCommand(validateCommand, [path])).rejects.toThrow(
      /trainable: there is no file .*no\.ts$/,
    );
  });
});
