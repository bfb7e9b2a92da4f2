import { setTimeout } from 'node:timers/promises';
import { DatabaseAwayError } from '../store/database-away-error.js';
import { openStore, type StoreOptions } from '../store/open-store.js';
import type { SweepStore } from '../store/sweep-store.js';

/** Milliseconds between tries. */
const interval = 1_000;

/** Opens the store; waits, after one line, as long as its database does not answer. */
export async function openStoreWhenThere(
  options: StoreOptions,
  say: (line: string) => void,
): Promise<SweepStore> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await openStore(options);
    } catch (error) {
      if (!(error instanceof DatabaseAwayError)) throw error;
      if (isFirst) say(`waiting until it is back: ${error.message}`);
      await setTimeout(interval);
    }
  }
}
