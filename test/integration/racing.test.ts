import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Trial } from '../../src/sweep/trial.js';
import { natsProgram } from '../support/nats.js';
import { House } from './house.js';

const noisy = fileURLToPath(new URL('fixtures/noisy.js', import.meta.url));
const most = 5;

async function noisyHouse(): Promise<House> {
  const house = await House.build(8, `replicates: { min: 1, max: ${most} }`);
  await cp(noisy, join(house.directory, 'objective.js'));
  return house;
}

/** By configuration: its trials. */
function replicates(trials: readonly Trial[]): Trial[][] {
  return trials.reduce<Trial[][]>((groups, trial) => {
    (groups[trial.configuration] ??= []).push(trial);
    return groups;
  }, []);
}

describe.skipIf(!natsProgram)('racing', () => {
  it('racing - contenders get more seeds until they are told apart or have all, losers none, each with its reason', async () => {
    const house = await noisyHouse();
    const { code, errors } = await house.start().ended;
    expect({ code, errors }).toMatchObject({ code: 0 });
    const trials = await house.trials();
    expect(new Set(trials.map(({ state }) => state))).toEqual(new Set(['completed']));
    const groups = replicates(trials);
    expect(groups).toHaveLength(8);
    for (const group of groups) {
      expect(group.map(({ replicate }) => replicate)).toEqual([...group.keys()]);
      expect(new Set(group.map(({ seed }) => seed)).size).toBe(group.length);
      expect(group.length).toBeLessThanOrEqual(most);
    }
    const [contenders, losers] = [groups.slice(0, 3), groups.slice(3)];
    // As good as each other: two at least are not told apart with the last seed that there is.
    expect(contenders.filter(({ length }) => length === most).length).toBeGreaterThanOrEqual(2);
    // Before the noise is known some of them may get a second seed, as the best of those that have ended by then.
    expect(Math.max(...losers.map(({ length }) => length))).toBeLessThanOrEqual(3);
    expect(losers.flat().length).toBeLessThanOrEqual(2 * losers.length);
    const store = await house.store();
    const decisions = await store.decisions((await house.sweep()).id);
    const given = decisions.filter(({ action }) => action === 'replicate');
    expect(given.map(({ number }) => number).sort((a = 0, b = 0) => a - b)).toEqual(
      trials.filter(({ replicate }) => replicate > 0).map(({ number }) => number),
    );
    for (const { reason } of given) expect(reason).toMatch(/^race: /);
    const { output } = await house.coordinator('best', 'house', '--format', 'json').ended;
    const [best] = JSON.parse(output) as { configuration: number }[];
    expect(best?.configuration).toBeLessThan(3);
  });

  it('racing - a race goes on after kill -9 of the coordinator as if nothing had been', async () => {
    const house = await noisyHouse();
    const killed = house.start();
    await house.until('the race has begun', (all) => all.some(({ replicate }) => replicate > 0));
    await killed.kill();
    expect((await house.start().ended).code).toBe(0);
    const groups = replicates(await house.trials());
    expect(groups).toHaveLength(8);
    for (const group of groups) {
      expect(new Set(group.map(({ state }) => state))).toEqual(new Set(['completed']));
      expect(group.map(({ replicate }) => replicate)).toEqual([...group.keys()]);
      expect(group.length).toBeLessThanOrEqual(most);
    }
    expect(groups.slice(0, 3).filter(({ length }) => length === most).length).toBeGreaterThanOrEqual(2);
  });
});
