import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logsCommand } from '../../../src/coordinator/cli/logs.js';
import {
  sweepEvents,
  type EventChoice,
  type SweepEvent,
} from '../../../src/coordinator/cli/output/sweep-events.js';
import { trialCommand } from '../../../src/coordinator/cli/trial.js';
import { storeRichSweep } from '../../dashboard/support/rich-sweep.js';
import { runCommand, temporaryStore } from './stored-sweeps.js';

let temporary: Awaited<ReturnType<typeof temporaryStore>>;
beforeAll(async () => {
  temporary = await temporaryStore();
  await storeRichSweep(temporary.store);
});
afterAll(() => temporary.close());

const logs = async (...args: string[]) =>
  (await runCommand(logsCommand, [...args, '--dir', temporary.directory])).text;

describe('logs', () => {
  it('logs - of a trial: attempts, what each logged, its failure, decisions and why, in order', async () => {
    const text = await logs('--trial', '7');
    const said = text.split('\n').map((line) => line.replace(/^\S+ \S+ +trial 7 /, ''));
    expect(said.slice(0, 3)).toEqual([
      'started: on gpu-03-a',
      'log: reads uci-har',
      'log: CUDA error: the device is gone',
    ]);
    expect(said.slice(3, 5).sort()).toEqual([
      'failed: lost: worker gpu-03-a: no sign of life for 30 s',
      'retry: its worker was lost',
    ]);
    expect(said.slice(5, 8)).toEqual([
      expect.stringMatching(/^started \(attempt 2\): on gpu-/),
      'log: reads uci-har',
      'log: stage 2 begins with 12 passes',
    ]);
  });

  it.each([
    [['--trial', '999'], 'has no trial "999"'],
    [['--trial', 'abc'], 'abc'],
    [['--last', '0'], 'whole number from 1'],
    [['--last', '-1'], 'whole number from 1'],
  ])('logs - %j is refused', async (args, problem) => {
    await expect(logs(...args)).rejects.toThrow(problem);
  });

  it('logs - a filter and the last lines; JSON has the time and the trial', async () => {
    const text = await logs('--where', 'state == "failed"', '--last', '2', '--format', 'json');
    expect(JSON.parse(text)).toEqual([
      expect.objectContaining({ number: 20, event: 'log', text: 'stage 2 begins with 12 passes' }),
      expect.objectContaining({ number: 20, event: 'failed', text: 'trial: loss is NaN at step 12' }),
    ]);
  });

  it('logs - a sweep that is read a stretch of time at a time tells the same in the same order', async () => {
    const [sweep] = await temporary.store.listSweeps();
    const read = async (choice: EventChoice): Promise<{ stretches: number; events: SweepEvent[] }> => {
      const stretches: (readonly SweepEvent[])[] = [];
      if (sweep) for await (const each of sweepEvents(temporary.store, sweep, choice)) stretches.push(each);
      return { stretches: stretches.length, events: stretches.flat() };
    };
    const all = await read({});
    expect(all.stretches).toBe(1);
    expect(all.events.length).toBeGreaterThan(200);
    const some = await read({ most: 20 });
    expect(some.stretches).toBeGreaterThan(5);
    expect(some.events).toEqual(all.events);
    expect((await read({ most: 20, last: 7 })).events).toEqual(all.events.slice(-7));
  });

  it('logs - whole in every format', async () => {
    const lines = (await logs()).trimEnd().split('\n');
    const json = JSON.parse(await logs('--format', 'json')) as unknown[];
    const jsonl = (await logs('--format', 'jsonl')).trimEnd().split('\n');
    expect(json.length).toBe(lines.length);
    expect(jsonl.map((line) => JSON.parse(line) as unknown)).toEqual(json);
    const csv = await logs('--format', 'csv');
    expect(csv).toMatch(/^at,number,event,text\n/);
    expect(csv).toMatch(/\n\S+Z,,sweep begins,har-gru\n/);
    expect(JSON.parse(await logs('--where', 'number == 9999', '--format', 'json'))).toEqual([]);
  });

  it('trial - names the pack that each attempt came in, and what it logged', async () => {
    const run = (...args: string[]) => runCommand(trialCommand, [...args, '--dir', temporary.directory]);
    const { text } = await run('7');
    expect(text).toMatch(/\n {2}1 .* gpu-03-a .* failed: lost: /);
    expect(text).toContain('\nlog of attempt 1\n  reads uci-har\n  CUDA error: the device is gone\n');
    expect((await run('8')).text).toMatch(/\n {2}1 .* \(in a pack with 9\)\n/);
    const { attemptList } = JSON.parse((await run('8', '--format', 'json')).text) as {
      attemptList: unknown[];
    };
    expect(attemptList).toMatchObject([
      { pack: [8, 9], log: ['reads uci-har', 'stage 2 begins with 12 passes'] },
    ]);
  });
});
