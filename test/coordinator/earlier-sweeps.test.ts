import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEarlierSweeps, readEarlierSweeps } from '../../src/coordinator/earlier-sweeps.js';
import type { SweepStore } from '../../src/store/sweep-store.js';
import type { SweepDefinition } from '../../src/sweep/sweep-definition.js';
import { definitionOf, storeSweep, temporaryStore } from './cli/stored-sweeps.js';

const yaml = (name: string, objective = 'y: maximize', search = ''): string =>
  `name: ${name}\ntrainable: { command: [train] }\nspace: { x: { float: [0, 1] } }\n` +
  `objectives: { ${objective} }\nsearch: { sampler: random, trials: 9${search} }\n`;

function naming(...sweeps: string[]): SweepDefinition {
  return definitionOf(yaml('present', undefined, `, warmStart: [${sweeps.join(', ')}]`));
}

describe('warm start - which sweeps', () => {
  let temporary: Awaited<ReturnType<typeof temporaryStore>>;
  let store: SweepStore;
  let [first, second]: string[] = [];

  beforeAll(async () => {
    temporary = await temporaryStore();
    ({ store } = temporary);
    const trials = [0.2, 0.7, 0.4].map((x, configuration) => ({
      configuration,
      parameters: { x },
      metrics: { y: x },
    }));
    first = await storeSweep(store, yaml('twice'), trials);
    second = await storeSweep(store, yaml('twice'), trials.slice(0, 1));
    await store.setSweepState(first, 'completed');
    await store.setSweepState(second, 'completed');
    await storeSweep(store, yaml('runs'), trials);
    await store.setSweepState(await storeSweep(store, yaml('other', 'z: maximize'), []), 'completed');
    await store.setSweepState(await storeSweep(store, yaml('down', 'y: minimize'), []), 'stopped');
  });
  afterAll(() => temporary.close());

  const found = async (definition: SweepDefinition, more = {}): Promise<string[]> =>
    (await findEarlierSweeps(store, { definition, ...more })).map(({ id }) => id);

  it('warm start - by name the newest, by id that one, in the order of the file, with completed trials', async () => {
    expect(await found(naming('twice', first ?? ''))).toEqual([second, first]);
    const sweeps = await readEarlierSweeps(store, { definition: naming(first ?? '') });
    expect(sweeps.map(({ name, trials }) => [name, trials.map(({ metrics }) => metrics['y'])])).toEqual([
      ['twice', [0.2, 0.7, 0.4]],
    ]);
    expect(await found(definitionOf(yaml('present')))).toEqual([]);
  });

  it('warm start - a sweep that names its own name means an earlier one, also after a restart', async () => {
    const record = await store.findSweep(second ?? '');
    const definition = naming('twice');
    expect(await found(definition, { id: second, createdAt: record?.createdAt })).toEqual([first]);
    const before = await store.findSweep(first ?? '');
    await expect(found(definition, { id: first, createdAt: (before?.createdAt ?? 0) - 1 })).rejects.toThrow(
      'search.warmStart: there is no earlier sweep "twice"',
    );
  });

  it.each([
    ['twise', 'there is no earlier sweep "twise" (did you mean "twice"?)'],
    ['runs', /sweep runs \(\w{8}\) is running; wait until it ends, or stop it/],
    ['other', /sweep other \(\w{8}\) has no objective y, the primary one of this sweep; it has z/],
    ['down', /sweep down \(\w{8}\) has the objective y to minimize, and this sweep to maximize/],
  ])('warm start - %s is refused with exit code 2', async (name, message) => {
    const refused = found(naming('twice', name));
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ exitCode: 2 });
  });
});
