import { shownReason, shownState, type ShownState } from '../../../store/leadership.js';
import type { SweepRecord } from '../../../store/sweep-store.js';
import { isGone } from '../../holder.js';

/** How a sweep stands now, as far as this machine can tell. */
export function stateOf(sweep: SweepRecord): ShownState {
  return shownState(sweep, Date.now(), isGone);
}

/** Why it stands so, where that is worth saying. */
export function reasonOf(sweep: SweepRecord): string | undefined {
  return shownReason(sweep, stateOf(sweep));
}
