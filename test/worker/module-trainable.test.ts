import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moduleFixture, scratchDirectory, startTestPool } from './test-agent.js';
import { startTask, trainOne } from './test-thread.js';

/** A module of the user's in a folder of its own, without any package.json. */
async function userModule(text: string, name = 'objective.ts'): Promise<{ kind: 'module'; path: string }> {
  const path = join(await scratchDirectory(), name);
  await writeFile(path, text);
  return { kind: 'module', path };
}

describe('module trainable', () => {
  it('module - TypeScript with relative imports, an enum and an npm import runs as it is', async () => {
    const pool = await startTestPool({ slots: 1 });
    expect(await trainOne(pool, moduleFixture('square.ts'), { x: 5 })).toEqual({
      kind: 'completed',
      metrics: { value: 25 },
    });
    expect(await trainOne(pool, moduleFixture('with-zod.ts'), { x: 5 })).toMatchObject({ metrics: { x: 5 } });
  });

  it.each([
    ['objective.ts', 'const one: number = await Promise.resolve(1); export default () => ({ one });'],
    ['objective.js', 'const one = await Promise.resolve(1); export default () => ({ one });'],
    ['objective.mjs', 'export default async () => ({ one: 1 });'],
    ['objective.cjs', 'module.exports = () => ({ one: 1 });'],
  ])('module - %s in a bare folder', async (name, text) => {
    const pool = await startTestPool({ slots: 1 });
    const end = await trainOne(pool, await userModule(text, name));
    expect(end).toEqual({ kind: 'completed', metrics: { one: 1 } });
  });

  it("module - imports 'sweepyard' wherever it lies, and its TrialError counts", async () => {
    const pool = await startTestPool({ slots: 1 });
    const module = await userModule(`
      import { objective, TrialError } from 'sweepyard';
      export default objective<{ layers: number }>(({ layers }) => {
        if (layers > 4) throw new TrialError(\`layers \${layers} is more than 4\`);
        return { layers };
      });`);
    expect(await trainOne(pool, module, { layers: 4 })).toMatchObject({ metrics: { layers: 4 } });
    expect(await trainOne(pool, module, { layers: 5 })).toEqual({
      kind: 'failed',
      failure: { class: 'trial', message: 'layers 5 is more than 4' },
    });
  });

  it.each([
    ['no default export', 'export const x = 1;', /has no default export that is a function or a Trainable/],
    ['a default export that is no function', 'export default 3;', /has no default export that is a function/],
    ['a syntax error', 'export default () => {\n  const = 3;\n};', /can't be loaded: .*objective\.ts:2:/],
    ['an import of what is not there', "import './missing.js'; export default () => ({});", /missing\.js/],
    ['an error when loaded', "throw new Error('no GPU here');", /can't be loaded: no GPU here/],
  ])('module - %s fails the attempt as setup', async (_what, text, message) => {
    const pool = await startTestPool({ slots: 1 });
    const end = await trainOne(pool, await userModule(text));
    expect(end).toMatchObject({ kind: 'failed', failure: { class: 'setup' } });
    expect(end).toHaveProperty('failure.message', expect.stringMatching(message));
  });

  it('module - a file that is not there fails as setup', async () => {
    const pool = await startTestPool({ slots: 1 });
    const path = join(await scratchDirectory(), 'nowhere.ts');
    const failure = { class: 'setup', message: `module ${path} does not exist on this worker` };
    expect(await trainOne(pool, { kind: 'module', path })).toEqual({ kind: 'failed', failure });
  });

  it('module - is loaded once a thread, and anew for another sweep or when its file changed', async () => {
    const pool = await startTestPool({ slots: 1 });
    const folder = await scratchDirectory();
    await mkdir(join(folder, 'lib'));
    const path = join(folder, 'objective.ts');
    const [version, module] = [join(folder, 'lib', 'version.ts'), { kind: 'module', path } as const];
    await writeFile(version, 'export const version: number = 1;');
    const text =
      "import { version } from './lib/version.ts';\nlet calls = 0;\nexport default () => ({ version, calls: ++calls });";
    await writeFile(path, text);
    const train = async (sweepId: string): Promise<unknown> => {
      const end = await trainOne(pool, module, {}, { sweepId });
      return end?.kind === 'completed' ? end.metrics : end;
    };
    expect(await train('a')).toEqual({ version: 1, calls: 1 });
    await writeFile(version, 'export const version: number = 2;');
    expect(await train('a')).toEqual({ version: 1, calls: 2 });
    expect(await train('b')).toEqual({ version: 2, calls: 1 });
    await utimes(path, new Date(), new Date(Date.now() + 10_000));
    expect(await train('b')).toEqual({ version: 2, calls: 1 });
  });

  it('module - random numbers follow from the seed', async () => {
    const pool = await startTestPool({ slots: 2 });
    const [one, two] = await Promise.all(
      [1, 2].map(() => trainOne(pool, moduleFixture('behave.ts'), { does: 'random' })),
    );
    expect(one).toEqual(two);
    expect(one).toMatchObject({ metrics: { seed: 100 } });
  });

  it('module - a whole Trainable: parameters are checked, members of a pack end one by one', async () => {
    const pool = await startTestPool({ slots: 1 });
    const parameters = [{ steps: 3 }, { steps: 1 }, { steps: 'many' }, { steps: 1_000_000 }];
    const task = startTask(pool, moduleFixture('pack.ts'), parameters);
    await task.sign;
    task.abort([3]);
    const { ends, reports } = await task.finished;
    expect(ends.get(0)).toEqual({
      kind: 'completed',
      metrics: { step: 3, pack: 3 },
      details: { last: true },
    });
    expect(ends.get(1)).toEqual({
      kind: 'completed',
      metrics: { step: 1, pack: 3 },
      details: { last: true },
    });
    expect(ends.get(2)).toMatchObject({ kind: 'failed', failure: { class: 'trial' } });
    expect(ends.get(2)).toHaveProperty(
      'failure.message',
      expect.stringMatching(/expected number.*\n.*at steps/),
    );
    expect(ends.get(3)).toEqual({ kind: 'aborted' });
    expect(reports.filter(({ number }) => number === 0).map(({ step }) => step)).toEqual([1, 2, 3]);
  });

  it('module - data is loaded by one thread and is the same memory in all', async () => {
    const pool = await startTestPool({ slots: 3 });
    const ends = await Promise.all(
      [0, 1, 2].map((id) => trainOne(pool, moduleFixture('shared.ts'), { id, parties: 3 })),
    );
    const metrics = ends.map((end) => (end?.kind === 'completed' ? end.metrics : {}));
    expect(metrics.map(({ loads }) => loads)).toEqual([1, 1, 1]);
    expect(metrics.map(({ arrived }) => arrived)).toEqual([3, 3, 3]);
  });

  it('module - where the thread that loads data fails or dies, the next one loads', async () => {
    const pool = await startTestPool({ slots: 3 });
    const dying = startTask(pool, moduleFixture('shared.ts'), [{ id: 0, parties: 1, load: 'exit' }]);
    await dying.sign;
    const failing = trainOne(pool, moduleFixture('shared.ts'), { id: 1, parties: 1, load: 'throw' });
    const loading = trainOne(pool, moduleFixture('shared.ts'), { id: 2, parties: 1 });
    expect((await dying.finished).died).toMatchObject({ class: 'crash' });
    const failed = await failing;
    // Whoever comes first of the two loads; the one that fails only fails itself.
    if (failed?.kind === 'failed') expect(failed.failure.message).toContain('no data today');
    expect(await loading).toMatchObject({ kind: 'completed', metrics: { arrived: 1 } });
  });
});
