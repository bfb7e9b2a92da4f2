import type { WorkerRecord } from '../../../store/sweep-store.js';

/**
 * What a worker is doing as far as is known: its stored state, unless nothing was heard of it for long. The state stays
 * as it was where the coordinator ended before the worker did.
 */
export type Presence = WorkerRecord['state'] | 'silent';

/** A worker gives a sign of life every few seconds; milliseconds. */
const silenceLimit = 60_000;

export function presenceOf({ state, seenAt }: WorkerRecord, now: number): Presence {
  return isAtWork(state) && now - seenAt > silenceLimit ? 'silent' : state;
}

export function isAtWork(presence: Presence): boolean {
  return presence === 'running' || presence === 'draining';
}
