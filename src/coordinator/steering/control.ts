import type { SweepControl } from '../../dashboard/server/control.js';
import type { SweepRecord } from '../../store/sweep-store.js';
import type { SweepAction } from '../../sweep/steering/sweep-action.js';
import type { CoordinatorBus } from '../../messaging/bus.js';
import { EnvironmentError } from '../../support/errors.js';
import { requestAction, type Actor } from './control-requests.js';

/**
 * The dashboard's control port of a coordinator: sweeps that run here are steered here, others by whoever runs them.
 * @param here by sweep id; may change
 */
export function controlOf(bus: CoordinatorBus, here: ReadonlyMap<string, Actor>): SweepControl {
  const act: SweepControl['act'] = async (sweepId, action, by) => {
    const actor = here.get(sweepId);
    const answer = actor ? await actor.act(action, by) : await requestAction(bus, sweepId, action, by);
    if (!answer) throw new EnvironmentError(`no coordinator runs sweep ${sweepId}`);
    return answer;
  };
  return { act, offers: actionsFor };
}

/** What a sweep that runs takes, as it is now. */
export function actionsFor({ state, amendments }: SweepRecord): SweepAction['action'][] {
  if (state !== 'running') return [];
  const turn = amendments?.paused ? 'resume' : 'pause';
  return [turn, 'stop', 'set', 'priority', 'add', 'cancel', 'retry', 'quarantine', 'release'];
}
