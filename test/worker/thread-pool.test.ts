import { describe, expect, it } from 'vitest';
import { moduleFixture, startTestPool } from './test-agent.js';
import { startTask, trainOne } from './test-thread.js';

describe('thread pool', () => {
  it('threads - where none can be started the pool says so', async () => {
    const pool = await startTestPool({ slots: 1, threadFile: new URL('nowhere.js', import.meta.url) });
    await expect(pool.ready).rejects.toThrow(/nowhere\.js/);
  });

  it('threads - one that dies between trials is replaced', async () => {
    const pool = await startTestPool({ slots: 1 });
    await pool.ready;
    expect(await trainOne(pool, moduleFixture('behave.ts'), { does: 'mine' })).toMatchObject({
      kind: 'completed',
    });
    // Whether it dies before this trial or in it, the one after it has a thread.
    const { died } = await startTask(pool, moduleFixture('behave.ts'), [{ does: 'steady', x: 100 }]).finished;
    if (died)
      expect(died).toEqual({ class: 'crash', message: 'the training thread died: thrown after the trial' });
    expect(await trainOne(pool, moduleFixture('square.ts'), { x: 2 })).toMatchObject({
      metrics: { value: 4 },
    });
  });

  it('threads - slots train at the same time', async () => {
    const pool = await startTestPool({ slots: 2 });
    const tasks = [0, 1].map(() => startTask(pool, moduleFixture('behave.ts'), [{ does: 'busy' }]));
    await Promise.all(tasks.map(({ sign }) => sign));
    for (const task of tasks) task.abort([0]);
    for (const { ends } of await Promise.all(tasks.map(({ finished }) => finished)))
      expect(ends.get(0)).toEqual({ kind: 'aborted' });
  });
});
