import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SweepStore } from '../../../src/store/sweep-store.js';
import type { StorePlace } from './harness.js';
import { StoreHarness } from './harness.js';

/** Another process writes, and is killed. */
export function crashes(makePlace: () => Promise<StorePlace>): void {
  describe('crashes', () => {
    let harness: StoreHarness;
    beforeEach(async () => void (harness = await StoreHarness.make(makePlace)));
    afterEach(() => harness.dispose());

    /** Lets a process write until it has told of `groups` groups and `meanwhile` is done, then kills it with -9. */
    async function writeAndKill(
      sweepId: string,
      groups: number,
      meanwhile: () => Promise<void>,
    ): Promise<number> {
      const program = fileURLToPath(new URL('write-until-killed.ts', import.meta.url));
      const told = JSON.stringify([harness.place.options, sweepId]);
      const child = spawn(process.execPath, ['--import', 'tsx', program, told], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exit = once(child, 'exit');
      let stored = 0;
      let read = 0;
      const lines = createInterface({ input: child.stdout });
      const closed = once(lines, 'close');
      const enough = new Promise<void>((resolve, reject) => {
        lines.on('line', (line) => {
          stored = Number(line);
          if (++read === groups) resolve();
        });
        void exit.then(([code]) => reject(new Error(`the writer ended with exit code ${code}`)));
      });
      await Promise.all([enough, meanwhile()]);
      child.kill('SIGKILL');
      await Promise.all([exit, closed]);
      return stored;
    }

    async function isWhole(store: SweepStore, sweepId: string, stored: number): Promise<void> {
      const trials = await store.trials(sweepId);
      const completed = trials.filter(({ state }) => state === 'completed');
      expect(completed.length).toBeGreaterThanOrEqual(stored);
      // Groups of five, each added and then completed as one.
      expect(trials.length % 5).toBe(0);
      expect(completed.length % 5).toBe(0);
      expect(trials.length - completed.length).toBeLessThanOrEqual(5);
      expect(completed.every(({ number, metrics }) => metrics['accuracy'] === number)).toBe(true);
      expect(await store.countTrials(sweepId)).toMatchObject({
        completed: completed.length,
        queued: trials.length - completed.length,
      });
      const last = completed.at(-1)?.number ?? 0;
      expect(await store.reports({ sweepId, number: last })).toHaveLength(1);
      expect(await store.attempts({ sweepId, number: last })).toMatchObject([{ outcome: 'completed' }]);
    }

    test('kill -9 of a writer - loses nothing that it was told is stored, and leaves no half group', async () => {
      const { id: sweepId } = await harness.newSweep();
      const stored = await writeAndKill(sweepId, 20, () => Promise.resolve());
      await isWhole(harness.store, sweepId, stored);
      // And who opens it next goes on.
      const next = await harness.again();
      await isWhole(next, sweepId, stored);
      await next.setSweepState(sweepId, 'stopped');
    });

    test('readers - see every change while another process writes', async () => {
      const { id: sweepId } = await harness.newSweep();
      const reader = await harness.again({ readOnly: true });
      let last = 0;
      const follow = async (): Promise<void> => {
        for (let reads = 0; reads < 30;) {
          const changes = await reader.changesSince(sweepId, last, 1000);
          for (const { revision } of changes) {
            expect(revision).toBeGreaterThan(last);
            last = revision;
          }
          if (changes.length > 0) reads++;
          // A read of SQLite gives way to nothing but promises.
          await setImmediate();
          const counts = await reader.countTrials(sweepId);
          expect((counts.queued + counts.completed) % 5).toBe(0);
        }
      };
      const stored = await writeAndKill(sweepId, 20, follow);
      await isWhole(reader, sweepId, stored);
      await expect(reader.addUsage(sweepId, { seconds: 1, slotSeconds: 1 })).rejects.toThrow();
    });
  });
}
