import type { DecisionRecord, SweepStore } from '../../store/sweep-store.js';
import { isTerminal, TrialState, type Trial } from '../../sweep/trial.js';
import type { Pruner } from '../pruning/pruner.js';
import { PruningAction, stopOf } from './pruning.js';
import type { TrialBook } from './trial-book.js';

/** Trials whose reports are read at once. */
const pageSize = 200;

/**
 * Gives a pruner everything that the sweep's trials have reported so far, so that it goes on as if the coordinator had
 * never ended; and lets running trials be told again to stop that were told so.
 */
export async function restorePruning(
  store: SweepStore,
  sweepId: string,
  book: TrialBook,
  pruner: Pruner,
): Promise<void> {
  for (let from = 0; from < book.size; from += pageSize) {
    const reports = await store.reportsBetween(sweepId, from, from + pageSize);
    let next = 0;
    for (let number = from; number < Math.min(book.size, from + pageSize); number++) {
      const trial = book.find(number);
      if (!trial) continue;
      for (let report = reports[next]; report?.number === number; report = reports[++next])
        if (pruner.recall) pruner.recall(trial, report.step, report.metrics);
        else pruner.report(trial, report.step, report.metrics);
      if (isTerminal(trial.state)) pruner.ended(trial, []);
    }
  }
  for (const active of book.active.values()) {
    // What a user has cancelled stays so.
    if (active.trial.state !== TrialState.Running || active.stop) continue;
    const last = lastOf(await store.decisions(sweepId, active.trial.number), active.trial);
    if (last) active.stop = { ...stopOf(last.action), reason: last.reason };
  }
}

const stopping: readonly string[] = [PruningAction.Prune, PruningAction.Pause, PruningAction.Finish];

/** The decision to stop the attempt that runs. */
function lastOf(decisions: readonly DecisionRecord[], { startedAt = 0 }: Trial): DecisionRecord | undefined {
  return decisions.findLast(({ action, decidedAt }) => stopping.includes(action) && decidedAt >= startedAt);
}
