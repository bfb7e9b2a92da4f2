/** What the number of trials to have ready depends on. */
export interface FillState {
  /** Slots that want a pack now. */
  readonly room: number;
  /** Of the workers that take assignments. */
  readonly slots: number;
  /** Trials in a pack, where they are filled. */
  readonly packSize: number;
  /** All trials of the sweep may train together. */
  readonly isUniform: boolean;
  /** Configurations are proposed whatever others came to. */
  readonly isIndependent: boolean;
  /** Configurations that were proposed, and trials that have ended. */
  readonly configurations: number;
  readonly ended: number;
  /** Trials that wait, were published, or run. */
  readonly open: number;
  /** Trials for each configuration. */
  readonly replicates: number;
}

/** Trials that are looked through for companions, for each place in a pack, where not all may train together. */
const lookThrough = 4;
const mostLookedThrough = 256;
/** Learning samplers begin with so many evenly spread configurations, whatever comes of them. */
const evenlySpread = 10;
/** Of the trials that have ended: as many may be open at once, so that a proposal lacks a tenth of all results. */
const openShare = 0.1;

/**
 * How many trials should wait, so that packs are filled, without harm to the search. Pure. Grid, random and Sobol
 * search propose the same whatever comes of it: they fill packs, and where not all trials may train together they look
 * ahead for companions. A sampler that learns would propose blindly: beyond the slots it fills packs with replicates,
 * with its evenly spread start, and with as many configurations as are a tenth of the results that it knows.
 */
export function trialsToHaveReady(state: FillState): number {
  const { room, slots, packSize, isUniform, isIndependent, replicates, open } = state;
  const places = room * packSize;
  if (isIndependent)
    return isUniform ? places : Math.min(places * lookThrough, Math.max(places, mostLookedThrough));
  const start = Math.max(0, evenlySpread - state.configurations) * replicates;
  const learned = Math.max(slots * replicates, Math.floor(openShare * state.ended)) - open;
  return Math.min(places, Math.max(room, start, learned));
}
