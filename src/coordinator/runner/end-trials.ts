import type { Changes } from './changes.js';
import { isDecided, type Ending } from './ending.js';
import type { StopCommands } from './stop-commands.js';
import type { ReportTaker } from './take-reports.js';
import type { TrialBook } from './trial-book.js';

/** A sweep begins to end: what waits is cancelled, and what runs is told to stop, as far as the ending wants it. */
export function beginToEnd(
  ending: Ending,
  book: TrialBook,
  taker: ReportTaker,
  stops: StopCommands,
  at: number,
  changes: Changes,
): void {
  const { running, queued } = ending.request;
  for (const active of book.active.values()) {
    const { trial, grant } = active;
    if (trial.state === 'paused' || (trial.state === 'queued' && !grant)) {
      if (queued === 'cancel') taker.cancel(active, ending.reason, at, changes);
    } else if (running !== 'finish' && !isDecided(active.stop, running)) {
      active.stop = { then: running, reason: ending.reason };
      if (trial.state === 'running') stops.send(active);
    }
  }
}

/** What came back to the queue of an ending sweep; and those who were told to stop, yet neither did nor were lost. */
export function cancelRest(
  ending: Ending,
  isOverdue: boolean,
  book: TrialBook,
  taker: ReportTaker,
  at: number,
  changes: Changes,
): void {
  for (const active of book.active.values()) {
    const { trial, grant, stop } = active;
    const waits = (trial.state === 'queued' && !grant) || trial.state === 'paused';
    if (waits && ending.request.queued === 'cancel') taker.cancel(active, ending.reason, at, changes);
    else if (stop?.then === 'cancel' && isOverdue) taker.cancel(active, stop.reason, at, changes);
    else if (stop?.then === 'prune' && isOverdue) taker.prune(active, stop.reason, at, changes);
  }
}
