import { Changes } from './changes.js';
import type { ReportTaker } from './take-reports.js';
import type { ActiveTrial } from './trial-book.js';

/** An assignment that was published so often in vain is one that no worker can read. */
export const mostUnread = 5;
/** A publication in vain counts so little where no worker took anything else meanwhile: it may be the workers. */
const inDoubt = 1 / 6;

/**
 * Counts that these trials' assignments have vanished from the stream although slots are free, and nobody has claimed
 * them: nats-server has lost them, or workers put them aside for they could not read them (a claim sets the count back).
 * @param starts attempts of the sweep that have begun until now
 * @returns those that are not to be published again
 */
export function countUnread(vanished: readonly ActiveTrial[], starts: number): ActiveTrial[] {
  return vanished.filter((active) => {
    const othersBegan = starts > (active.startsBefore ?? starts);
    active.unread = (active.unread ?? 0) + (othersBegan ? 1 : inDoubt);
    return active.unread > mostUnread - inDoubt / 2;
  });
}

/** Fails those that are still in the queue. */
export function giveUp(
  unread: readonly ActiveTrial[],
  taker: ReportTaker,
  at: number,
  say: (line: string) => void,
): Changes {
  const message = 'no worker could read its assignment, as often as it was published';
  const changes = new Changes();
  for (const active of unread) {
    if (active.trial.state !== 'queued') continue;
    say(`trial ${active.trial.number} fails: ${message}`);
    taker.giveUp(active, message, at, changes);
  }
  return changes;
}
