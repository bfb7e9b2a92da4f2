import { SweepState, type SweepRecord } from './sweep-store.js';

/** A leader gives a sign of life every five seconds; one that has not for so long is gone. Milliseconds. */
const leaderPatience = 20_000;

/** What is shown of a sweep: its state, that it is paused, or that nobody works on it although nobody ended it. */
export const ShownState = { ...SweepState, Interrupted: 'interrupted', Paused: 'paused' } as const;
export type ShownState = (typeof ShownState)[keyof typeof ShownState];

/**
 * `interrupted` for a sweep that is stored as running while no coordinator leads it: killed, or its machine is gone.
 * The same `start` goes on with it. The clocks of whoever asks and of the coordinator should agree.
 * @param now milliseconds since the epoch
 * @param isGone whether a holder is known to be dead; tells sooner
 */
export function shownState(
  {
    state,
    leader,
    createdAt,
    amendments,
  }: Pick<SweepRecord, 'state' | 'leader' | 'createdAt' | 'amendments'>,
  now: number,
  isGone: (holder: string) => boolean = () => false,
): ShownState {
  if (state !== SweepState.Running) return state;
  if (leader && isGone(leader.holder)) return 'interrupted';
  if (now - (leader?.seenAt ?? createdAt) > leaderPatience) return 'interrupted';
  return amendments?.paused ? 'paused' : state;
}

/** Why it is in the state that is shown, where that is worth saying. */
export function shownReason(
  { reason, amendments }: Pick<SweepRecord, 'reason' | 'amendments'>,
  shown: ShownState,
): string | undefined {
  return shown === ShownState.Paused ? amendments?.paused?.reason : reason;
}
