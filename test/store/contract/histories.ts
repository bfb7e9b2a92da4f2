import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RevisedTrial } from '../../../src/store/sweep-store.js';
import type { TrialState } from '../../../src/sweep/trial.js';
import { isTerminal, mayFollow, TrialState as States } from '../../../src/sweep/trial.js';
import { anyEvent } from './events.js';
import type { StorePlace } from './harness.js';
import { begin, newTrials, report, StoreHarness } from './harness.js';

/** What holds over any order of writes. */
export function histories(makePlace: () => Promise<StorePlace>): void {
  describe('histories', () => {
    let harness: StoreHarness;
    beforeAll(async () => void (harness = await StoreHarness.make(makePlace)));
    afterAll(() => harness.dispose());

    /** All that the store says of a sweep with a few trials. */
    async function everything(sweepId: string, trials: number) {
      const keys = Array.from({ length: trials }, (_, number) => ({ sweepId, number }));
      return {
        changes: await harness.store.changesSince(sweepId, 0, 1000),
        counts: await harness.store.countTrials(sweepId),
        attempts: await Promise.all(keys.map((key) => harness.store.attempts(key))),
        reports: await Promise.all(keys.map((key) => harness.store.reports(key))),
        logs: await harness.store.logsOf(
          sweepId,
          keys.map(({ number }) => number),
        ),
      };
    }

    test('any history - makes only the transitions of the table, repeats nothing and counts right', async () => {
      const trials = 2;
      await fc.assert(
        fc.asyncProperty(fc.array(anyEvent(trials), { minLength: 10, maxLength: 25 }), async (events) => {
          const sweepId = await harness.newTrials(trials);
          let before = await everything(sweepId, trials);
          for (const { number, attempt, batch } of events) {
            const { accepted } = await harness.store.record({ sweepId, ...batch });
            const after = await everything(sweepId, trials);
            const [from, to] = [find(before.changes, number), find(after.changes, number)];
            const [was, is] = [from.trial.state, to.trial.state];
            expect(was === is || mayFollow(was, is), `${was} -> ${is}`).toBe(true);
            expect(accepted).toEqual(!isTerminal(was) && isTerminal(is) ? [number] : []);
            expect(to.trial.attempts).toBeGreaterThanOrEqual(from.trial.attempts);
            expect(after.counts).toEqual(recount(after.changes));
            const last = before.changes.at(-1)?.revision ?? 0;
            const changed = JSON.stringify(from.trial) !== JSON.stringify(to.trial);
            // A later report without metrics changes the sequence that the store remembers, and nothing one sees.
            if (changed) expect(to.revision).toBe(last + 1);
            else expect([from.revision, last + 1]).toContain(to.revision);

            // The same message again; what is of no attempt is a command, and no message.
            if (attempt > 0) {
              expect(await harness.store.record({ sweepId, ...batch })).toEqual({ accepted: [] });
              expect(await everything(sweepId, trials)).toEqual(after);
            }
            before = after;
          }
        }),
        { numRuns: 8 },
      );
    });

    test('interleaved writes - give every change a revision of its own, without gaps', async () => {
      const { id: sweepId } = await harness.newSweep();
      const count = 40;
      const seen = new Map<number, number>();
      let writing = true;
      const reader = await harness.again({ readOnly: true });
      const read = async (): Promise<void> => {
        let last = 0;
        for (let final = false; ;) {
          for (const { revision, trial } of await reader.changesSince(sweepId, last, 7)) {
            expect(revision).toBeGreaterThan(last);
            last = revision;
            seen.set(trial.number, revision);
          }
          // A read of SQLite gives way to nothing but promises.
          await setImmediate();
          // Once more after the last write.
          if (final && last === (await harness.revision(sweepId))) return;
          final = !writing;
        }
      };
      const write = async (number: number): Promise<void> => {
        await harness.store.addTrials(sweepId, newTrials(1, number));
        await harness.store.record({ sweepId, started: [begin(number)] });
        await Promise.all(
          [1, 2].map((sequence) =>
            harness.store.record({ sweepId, reports: [report(number, sequence, { accuracy: 1 })] }),
          ),
        );
        const result = { number, attempt: 1, state: 'completed', metrics: {}, finishedAt: 9 } as const;
        await harness.store.record({ sweepId, results: [result] });
      };
      const reading = read();
      await Promise.all(Array.from({ length: count }, (_, number) => write(number)));
      writing = false;
      await reading;

      const changes = await harness.store.changesSince(sweepId, 0, 1000);
      expect(new Map(changes.map(({ revision, trial }) => [trial.number, revision]))).toEqual(seen);
      // Each trial changed when it was added, started, ended, and by its reports: the second may have come first,
      // and then the other was late.
      const last = changes.at(-1)?.revision ?? 0;
      expect(last).toBeGreaterThanOrEqual(4 * count);
      expect(last).toBeLessThanOrEqual(5 * count);
      expect(new Set(changes.map(({ revision }) => revision)).size).toBe(count);
    });
  });
}

function find(changes: readonly RevisedTrial[], number: number): RevisedTrial {
  const found = changes.find(({ trial }) => trial.number === number);
  if (!found) throw new Error(`trial ${number} is gone`);
  return found;
}

function recount(changes: readonly RevisedTrial[]): Record<TrialState, number> {
  const states = Object.values(States);
  const of = (state: TrialState): number => changes.filter(({ trial }) => trial.state === state).length;
  return Object.fromEntries(states.map((state) => [state, of(state)])) as Record<TrialState, number>;
}
