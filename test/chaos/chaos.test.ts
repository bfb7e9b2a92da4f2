import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { audit } from '../../scripts/chaos/audit.js';
import { runChaos } from '../../scripts/chaos/run-chaos.js';
import { parts, scheduleFaults } from '../../scripts/chaos/schedule.js';
import { openStore } from '../../src/store/open-store.js';
import { definition } from '../store/contract/harness.js';
import { natsProgram } from '../support/nats.js';

const schedule = { trials: 1_000, faults: 140, seed: 1, parts, patience: 5_000 };

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard-chaos-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

describe('chaos - its schedule', () => {
  it('chaos - faults follow from the seed, strike every part in every way, and not at the very end', () => {
    const faults = scheduleFaults(schedule);
    expect(faults).toEqual(scheduleFaults(schedule));
    expect(faults).not.toEqual(scheduleFaults({ ...schedule, seed: 2 }));
    const counts = new Map<string, number>();
    for (const { kind, part } of faults)
      counts.set(`${kind} ${part}`, (counts.get(`${kind} ${part}`) ?? 0) + 1);
    expect([...counts.values()]).toEqual(Array(14).fill(10));
    expect(faults.map(({ after }) => after)).toEqual(faults.map(({ after }) => after).sort((a, b) => a - b));
    expect(faults.at(-1)?.after).toBeLessThan(950);
  });
});

describe('chaos - its audit', () => {
  it('chaos - the audit finds what is lost, doubled, missing and left running', async () => {
    const store = await openStore({ directory: await folder() });
    onTestFinished(() => store.close());
    const sweep = await store.createSweep({
      definition: definition({ objectives: { y: 'maximize' } }),
      source: '',
    });
    const trial = (number: number, x: number) => ({
      number,
      configuration: number,
      replicate: 0,
      seed: 1,
      parameters: { x },
    });
    // 0 is right, 1 lacks a report, 2 has a result that nobody measured, 3 runs, 0 is asked twice, 4 never.
    await store.addTrials(sweep.id, [trial(0, 0), trial(1, 1), trial(2, 2), trial(3, 3), trial(4, 0)]);
    const launchOf = [100, 101, 999, 103, 104];
    const completed = [0, 1, 2, 4];
    await store.record({
      sweepId: sweep.id,
      started: [0, 1, 2, 3, 4].map((number) => ({ number, attempt: 1, workerId: 'w', startedAt: 1 })),
      reports: completed.flatMap((number) =>
        [1, 2, 3]
          .filter((step) => number !== 1 || step !== 2)
          .map((step) => ({
            number,
            attempt: 1,
            sequence: step,
            step,
            metrics: { y: number, launch: launchOf[number] ?? 0 },
            reportedAt: step,
          })),
      ),
      results: completed.map((number) => ({
        number,
        attempt: 1,
        state: 'completed' as const,
        metrics: { y: number === 4 ? 0 : number },
        finishedAt: 9,
      })),
    });
    const launches = new Map([
      [0, [100, 104]],
      [1, [101]],
      [2, [102]],
      [3, [103]],
    ]);
    const found = await audit(store, sweep, 5, { begun: launches, ended: launches });
    expect(found.lost).toEqual([
      'trial 2 has the result of a launch (999) that did not end',
      'trial 3 is running',
      'x = 4 was never asked',
    ]);
    expect(found.doubled).toEqual(['x = 0 was asked 2 times']);
    expect(found.missingReports).toEqual(['step 2 of trial 1 (attempt 1)']);
    expect(found.leftRunning).toEqual(['trial 3 is running', 'attempt 1 of trial 3 has no end']);
    expect(found.trainedAgain).toBe(1);
  });
});

describe.skipIf(!natsProgram)('chaos', () => {
  it('chaos - ten faults among 150 trials lose nothing and double nothing', async () => {
    const lines: string[] = [];
    const result = await runChaos({
      trials: 150,
      faults: 10,
      seed: 4,
      workers: 2,
      coordinators: 2,
      database: 'sqlite',
      directory: join(await folder(), 'chaos'),
      patience: 45_000,
      say: (line) => lines.push(line),
    });
    expect(
      { ...result.audit, begunAgain: 0, trainedAgain: 0, isStuck: result.isStuck },
      lines.join('\n'),
    ).toEqual({
      lost: [],
      doubled: [],
      missingReports: [],
      leftRunning: [],
      begunAgain: 0,
      trainedAgain: 0,
      isStuck: false,
    });
    expect(result.faults).toBe(10);
  }, 120_000);
});
