import type { Checkpoint } from '../messaging/checkpoints.js';
import { within } from '../messaging/connection.js';
import type { AssignedTrial } from '../messaging/messages.js';
import { messageOf } from '../support/errors.js';
import type { TrialKey } from '../sweep/trial.js';

/** Where checkpoints are kept. */
export interface Checkpoints {
  save(trial: TrialKey, checkpoint: Checkpoint): Promise<void>;
  load(trial: TrialKey): Promise<Checkpoint | undefined>;
}

/** What trials go on from, by number. */
export type Resumed = ReadonlyMap<number, Checkpoint>;

/** Milliseconds for checkpoints to be read before the trials begin anew. */
const loadPatience = 60_000;

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

/**
 * What these attempts go on from. Who has nothing, or nothing that can be read, begins anew; the log says which.
 * @param stopped resolves when nobody needs it any more
 */
export async function loadCheckpoints(
  checkpoints: Checkpoints,
  sweepId: string,
  attempts: readonly { readonly trial: AssignedTrial; readonly attempt: number }[],
  stopped: Promise<void>,
  log: (text: string) => void,
): Promise<Resumed> {
  const resumed = new Map<number, Checkpoint>();
  const loaded = attempts.map(async ({ trial, attempt }) => {
    const name = `trial ${sweepId}-${trial.number}, attempt ${attempt}`;
    try {
      const found = await findCheckpoint(checkpoints, sweepId, trial, attempt);
      if (!found) return log(`${name} begins anew: there is no checkpoint`);
      const whose = found.number === trial.number ? '' : ` of trial ${found.number}`;
      resumed.set(trial.number, found.checkpoint);
      log(`${name} goes on after step ${found.checkpoint.step}${whose}`);
    } catch (error) {
      log(`${name} begins anew: its checkpoint can't be read: ${messageOf(error)}`);
    }
  });
  if (!(await within(loadPatience, Promise.race([Promise.all(loaded), stopped]))))
    log(`trials of ${sweepId} begin anew: their checkpoints were not read within ${loadPatience} ms`);
  return resumed;
}
