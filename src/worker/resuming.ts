import type { Checkpoint } from '../messaging/checkpoints.js';
import type { AssignedTrial } from '../messaging/messages.js';
import type { TrialKey } from '../sweep/trial.js';

/** Where checkpoints are kept. */
export interface Checkpoints {
  save(trial: TrialKey, checkpoint: Checkpoint): Promise<void>;
  load(trial: TrialKey): Promise<Checkpoint | undefined>;
}

/** Whether this attempt may have something to go on from: most trials are first attempts, and need not ask. */
export function mayResume({ checkpoint }: AssignedTrial, attempt: number): boolean {
  return checkpoint !== undefined || attempt > 1;
}

/**
 * What an attempt begins with: see `checkpoint` of an assigned trial for the rule.
 * @returns the checkpoint and whose it is; undefined: it begins anew
 */
export async function findCheckpoint(
  checkpoints: Checkpoints,
  sweepId: string,
  trial: AssignedTrial,
  attempt: number,
): Promise<{ readonly checkpoint: Checkpoint; readonly number: number } | undefined> {
  const load = async (number: number): ReturnType<typeof findCheckpoint> => {
    const checkpoint = await checkpoints.load({ sweepId, number });
    return checkpoint && { checkpoint, number };
  };
  const { number: named = trial.number, sinceAttempt = Infinity } = trial.checkpoint ?? {};
  if (named === trial.number) return await load(trial.number);
  if (attempt > sinceAttempt) {
    const own = await load(trial.number);
    if (own && own.checkpoint.attempt >= sinceAttempt) return own;
  }
  return await load(named);
}
