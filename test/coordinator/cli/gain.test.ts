import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bestCommand } from '../../../src/coordinator/cli/best.js';
import { statusCommand } from '../../../src/coordinator/cli/status.js';
import { runCommand, storeSweep, temporaryStore } from './stored-sweeps.js';

const yaml = (name: string, objectives = '{ y: maximize }'): string =>
  `name: ${name}\ntrainable: { command: [train] }\nspace: { a: { float: [0, 1] }, b: { float: [0, 1] } }\n` +
  `objectives: ${objectives}\nsearch: { sampler: random, trials: 999 }\n`;

/** Evenly spread; y has one hill. */
const trials = (count: number) =>
  Array.from({ length: count }, (_, configuration) => {
    const [a, b] = [(configuration * 0.618) % 1, (configuration * 0.755) % 1];
    return {
      configuration,
      parameters: { a, b },
      metrics: { y: 1 - (a - 0.4) ** 2 - (b - 0.7) ** 2, z: a },
    };
  });

describe('gain - shown', () => {
  let temporary: Awaited<ReturnType<typeof temporaryStore>>;
  beforeAll(async () => {
    temporary = await temporaryStore();
    const { store } = temporary;
    await storeSweep(store, yaml('enough'), trials(60));
    await storeSweep(store, yaml('few'), trials(12));
    await storeSweep(store, yaml('many'), trials(301));
    await storeSweep(store, yaml('two', '{ y: maximize, z: minimize }'), trials(60));
  });
  afterAll(() => temporary.close());

  const says = /no more than \S+ to gain in y is expected \(gp, 97%\), \S+ would matter: (enough|not done)/;
  const run = (create: typeof statusCommand, ...args: string[]) =>
    runCommand(create, [...args, '--dir', temporary.directory]);

  it('gain - status and best say in one line what a sweep may still gain', async () => {
    expect((await run(statusCommand, 'enough')).text).toMatch(
      new RegExp(`^ {2}to gain {3}${says.source}$`, 'm'),
    );
    const status = JSON.parse((await run(statusCommand, 'enough', '--format', 'json')).text) as {
      gain: unknown;
    };
    expect(status.gain).toMatch(says);
    const best = await run(bestCommand, 'enough');
    expect(best.remarks).toMatch(says);
    expect(best.text).not.toMatch(says);
  });

  it.each(['few', 'many', 'two'])('gain - nothing is said where it can not be told: %s', async (name) => {
    const status = await run(statusCommand, name);
    expect(status.text).toContain('trials');
    expect(status.text).not.toContain('gain');
    expect((await run(bestCommand, name)).remarks).not.toContain('gain');
  });
});
