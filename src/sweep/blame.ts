import { FailureClass, TrialState, type Trial } from './trial.js';

/** These failures say nothing of the configuration. */
const innocent: ReadonlySet<FailureClass> = new Set([FailureClass.Lost, FailureClass.Setup]);

/** Whether a trial failed, and its configuration may be why: no lost worker, no machine that can't train it at all. */
export function isToBlame({ state, failure }: Pick<Trial, 'state' | 'failure'>): boolean {
  return state === TrialState.Failed && !(failure && innocent.has(failure.class));
}

/**
 * Whether a configuration counts as failed: at least half of its replicates that ended, and say something of it, are to
 * blame. The mean of the others is that of the lucky ones: a configuration that diverges with every other seed is none
 * to go by.
 */
export function countsAsFailed(replicates: readonly Pick<Trial, 'state' | 'failure'>[]): boolean {
  const failed = replicates.filter(isToBlame).length;
  const trained = replicates.filter(
    ({ state }) => state === TrialState.Completed || state === TrialState.Pruned,
  ).length;
  return failed > 0 && failed >= trained;
}
