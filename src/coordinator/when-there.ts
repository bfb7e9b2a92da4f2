import { setTimeout } from 'node:timers/promises';
import { AwayError } from '../support/errors.js';

/** Milliseconds between tries. */
const interval = 1_000;

/**
 * Opens what a coordinator that stays needs, a store or a nats-server. Waits, after one line, as long as it does not
 * answer. Undefined where the signal ends the waiting.
 */
export async function whenThere<T>(
  open: () => Promise<T>,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<T | undefined> {
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof AwayError)) throw error;
      if (isFirst) say(`waiting until it is back: ${error.message}`);
      await setTimeout(interval, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
