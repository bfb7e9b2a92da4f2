import { SweepState, type SweepRecord } from './sweep-store.js';

/** A leader gives a sign of life every five seconds; one that has not for so long is gone. Milliseconds. */
const leaderPatience = 20_000;

/** What is shown of a sweep: its state, or that nobody works on it although nobody ended it. */
export type ShownState = SweepState | 'interrupted';

/**
 * `interrupted` for a sweep that is stored as running while no coordinator leads it: killed, or its machine is gone.
 * The same `start` goes on with it. The clocks of whoever asks and of the coordinator should agree.
 * @param now milliseconds since the epoch
 * @param isGone whether a holder (`host:pid`) is known to be dead; tells sooner
 */
export function shownState(
  { state, leader, createdAt }: Pick<SweepRecord, 'state' | 'leader' | 'createdAt'>,
  now: number,
  isGone: (holder: string) => boolean = () => false,
): ShownState {
  if (state !== SweepState.Running) return state;
  if (leader && isGone(leader.holder)) return 'interrupted';
  return now - (leader?.seenAt ?? createdAt) > leaderPatience ? 'interrupted' : state;
}
