import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulateCommand } from '../../../src/coordinator/cli/simulate.js';
import { runCommand, storeSweep, temporaryStore } from './stored-sweeps.js';

const sweep = (name: string, search: string): string =>
  `name: ${name}\ntrainable: { command: [train] }\nspace: { a: { float: [0, 1] }, b: { float: [0, 1] } }\n` +
  `objectives: { y: maximize }\nsearch: { ${search} }\n`;

describe('simulate', () => {
  let temporary: Awaited<ReturnType<typeof temporaryStore>>;
  beforeAll(async () => {
    temporary = await temporaryStore();
    const trials = Array.from({ length: 60 }, (_, configuration) => {
      const [a, b] = [(configuration * 0.618) % 1, (configuration * 0.755) % 1];
      const y = 1 - (a - 0.4) ** 2 - (b - 0.7) ** 2;
      return { configuration, parameters: { a, b }, metrics: { y } };
    });
    const id = await storeSweep(temporary.store, sweep('first', 'sampler: random, trials: 60'), trials);
    await temporary.store.setSweepState(id, 'completed');
  });
  afterAll(() => temporary.close());

  async function simulated(text: string, ...flags: string[]): Promise<Record<string, unknown>> {
    const file = join(temporary.directory, 'sweep.yaml');
    await writeFile(file, text);
    const args = [file, '--json', '--dir', temporary.directory, ...flags];
    return JSON.parse((await runCommand(simulateCommand, args)).text) as Record<string, unknown>;
  }

  it('simulate - begins with what search.warmStart names, as start does', async () => {
    const like = ['--like', 'first'];
    const cold = await simulated(sweep('second', 'sampler: random, trials: 3, seed: 3'), ...like);
    const warm = await simulated(
      sweep('second', 'sampler: random, trials: 3, seed: 3, warmStart: [first]'),
      ...like,
    );
    const yOf = ({ best }: Record<string, unknown>): number => (best as { y: number }).y;
    expect(yOf(warm)).toBeGreaterThan(0.99);
    expect(yOf(cold)).toBeLessThan(0.97);
    expect(warm['assumes']).toContainEqual(
      'warm start: 60 configurations of first (60 trials completed) fit this space',
    );
    expect(String(cold['assumes'])).not.toContain('warm start');
  });

  it('simulate - an earlier sweep that is not there is refused', async () => {
    const text = sweep('second', 'sampler: random, trials: 3, warmStart: [frist]');
    await expect(simulated(text)).rejects.toThrow(
      'search.warmStart: there is no earlier sweep "frist" (did you mean "first"?)',
    );
  });

  it('simulate - a population takes as long as one training where there is a slot for each member', async () => {
    const text = sweep('third', 'sampler: pbt, population: 4, steps: 20, interval: 5');
    const outcome = await simulated(text, '--workers', '4', '--seconds-per-step', '3');
    expect(outcome).toMatchObject({ seconds: 60, slotSeconds: 240, trials: 16, completed: 16, reports: 80 });
  });
});
