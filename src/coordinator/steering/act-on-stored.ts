import type { ActionAnswer } from '../../dashboard/server/control.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { amend } from '../../sweep/steering/amendments.js';
import type { SweepAction } from '../../sweep/steering/sweep-action.js';
import { UsageError, UserFacingError } from '../../support/errors.js';

/**
 * An action on a sweep that nobody runs: what it changes counts when somebody goes on with it. The caller holds the
 * sweep's lease.
 * @param goOn how one goes on with it, as the end of a sentence
 * @throws UsageError where the action is wrong, UserFacingError where it needs a coordinator that runs the sweep
 */
export async function actOnStored(
  store: SweepStore,
  { id, state, definition, amendments = {} }: SweepRecord,
  action: SweepAction,
  by: string,
  goOn: string,
): Promise<ActionAnswer> {
  const title = `sweep ${definition.name} (${id})`;
  if (state === 'completed') throw new UserFacingError(`${title} is completed`);
  const mayWait = action.action === 'set' || action.action === 'priority' || action.action === 'pause';
  if (!mayWait && !(action.action === 'resume' && amendments.paused))
    throw new UserFacingError(`nobody runs ${title}: ${goOn}`);
  const result = amend(definition, amendments, action, by);
  if (!result.ok) throw result.wrong ? new UsageError(result.problem) : new UserFacingError(result.problem);
  const message = result.changes.join(', ');
  if (message === '') return { message: 'nothing changes: it is so already' };
  const decision = {
    sweepId: id,
    action: action.action,
    reason: `${message} (by ${by})`,
    decidedAt: Date.now(),
  };
  await store.record({ sweepId: id, amendments: result.amendments, decisions: [decision] });
  return { message: `${message}. Nobody runs it now: ${goOn}` };
}
