import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Program } from './house.js';

test(
  'lr-range - trains with a rising rate, prints all points, writes a plot',
  { timeout: 120_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sweepyard-range-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const file = join(directory, 'sweep.yaml');
    await writeFile(
      file,
      `
name: small
trainable: har
fixed: { dataset: synthetic-har, architecture: lstm-dropout, nhidden: 4, batchSize: 64 }
space: { dropout: [0.1] }
objectives: { accuracy: maximize }
`,
    );
    const plot = join(directory, 'lr.png');
    const args = ['lr-range', file, '--passes', '2', '--from', '1e-4', '--to', '1', '--json', '-o', plot];
    const { code, output, errors } = await new Program('coordinator', [...args, '--dir', directory]).ended;
    expect(errors).toContain('sweep small-lr-range');
    expect(code).toBe(0);
    const result = JSON.parse(output) as {
      sweep: { name: string };
      suggested: number;
      points: { step: number; learningRate: number; loss: number; smoothed: number }[];
    };
    expect(result.sweep.name).toBe('small-lr-range');
    expect(result.points[0]).toMatchObject({ step: 1, learningRate: 1e-4 });
    expect(result.points.length).toBeGreaterThan(20);
    const rates = result.points.map(({ learningRate }) => learningRate);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
    expect(result.suggested).toBeGreaterThan(9e-6);
    const picture = await readFile(plot);
    expect(picture.subarray(1, 4).toString()).toBe('PNG');
    // Width and height are in its first chunk.
    expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([1520, 880]);
  },
);

test('lr-range - wrong flags are told', async () => {
  const end = (...args: string[]): Promise<{ code: number | null; errors: string }> =>
    new Program('coordinator', ['lr-range', 'none.yaml', ...args]).ended;
  expect(await end('--from', '1')).toMatchObject({
    code: 2,
    errors: expect.stringContaining('--from must be below --to; they are 1 and 0.1') as unknown,
  });
  expect(await end('-o', 'lr.pdf')).toMatchObject({
    code: 2,
    errors: expect.stringContaining('"lr.pdf" must end with .svg or .png') as unknown,
  });
});
