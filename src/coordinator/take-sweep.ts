import { setTimeout } from 'node:timers/promises';
import type { CoordinatorBus, Lease } from '../messaging/bus.js';
import type { SweepRecord, SweepStore } from '../store/sweep-store.js';
import { AwayError, messageOf, UserFacingError } from '../support/errors.js';
import { findEarlierSweeps } from './earlier-sweeps.js';
import { findSweepToStart, type StartRequest } from './recovery.js';
import { holderName, isGone } from './holder.js';
import { alreadyRunning } from './session.js';

export interface TakeOptions {
  readonly store: SweepStore;
  readonly bus: CoordinatorBus;
  readonly request: StartRequest;
  /** The text of the sweep file. */
  readonly source: string;
  /** Wait while another coordinator runs the sweep, and take over when it no longer does. */
  readonly standby: boolean;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** What came of it. */
export type Taken =
  /** It is ours to run. */
  | { readonly kind: 'taken'; readonly sweep: SweepRecord; readonly lease: Lease; readonly isNew: boolean }
  /** There is nothing to run: it was completed before, or ended while we stood by. */
  | { readonly kind: 'ended'; readonly sweep: SweepRecord }
  | { readonly kind: 'interrupted' };

/** Milliseconds between looks at somebody else's lease. */
const lookInterval = 250;

/**
 * Finds or creates the sweep that a `start` is about, and takes its lease. Coordinators that come in the same instant do
 * so one after another, so that only one of them creates it.
 * @throws UserFacingError with exit code 4 where another coordinator runs it and we are not to stand by
 */
export async function takeSweep(options: TakeOptions): Promise<Taken> {
  const { bus, request, standby } = options;
  const turn = await untilTaken(options, `start.${request.definition.name}`);
  if (!turn) return { kind: 'interrupted' };
  let taken: Taken | SweepRecord;
  try {
    taken = await findOrCreate(options);
  } finally {
    await turn.release();
  }
  if ('kind' in taken) return taken;
  const running = await alreadyRunning(bus, taken);
  if (!standby) throw running;
  options.say(`standing by: ${running.message}`);
  return await standBy(options, taken);
}

/** A sweep alone: somebody else runs it. */
async function findOrCreate({ store, bus, request, source, say }: TakeOptions): Promise<Taken | SweepRecord> {
  const found = await findSweepToStart(store, request);
  if (found.kind === 'finished') return { kind: 'ended', sweep: found.sweep };
  const isNew = found.kind === 'new';
  if (isNew && found.note !== undefined) say(found.note);
  const { definition } = request;
  if (isNew) await findEarlierSweeps(store, { definition });
  const sweep = isNew ? await store.createSweep({ definition, source }) : found.sweep;
  const lease = await bus.acquireLease(sweep.id, holderName(), isGone);
  if (!lease) return sweep;
  return { kind: 'taken', sweep: await present(store, sweep), lease, isNew };
}

/** Takes over a sweep that goes on; one that was ended, by a user or by itself, is left alone. */
async function standBy(options: TakeOptions, sweep: SweepRecord): Promise<Taken> {
  const { store, signal, say } = options;
  const lease = await untilTaken(options, sweep.id);
  if (!lease) return { kind: 'interrupted' };
  try {
    const now = await present(store, sweep);
    if (now.state === 'running' && !signal.aborted) {
      say(`taking over sweep ${now.definition.name} (${now.id})`);
      return { kind: 'taken', sweep: now, lease, isNew: false };
    }
    await lease.release();
    return { kind: 'ended', sweep: now };
  } catch (error) {
    await lease.release();
    throw error;
  }
}

/** Waits as long as somebody has the lease, also while nats-server is away; undefined when the signal aborts. */
async function untilTaken({ bus, signal, say }: TakeOptions, key: string): Promise<Lease | undefined> {
  for (let failures = 0; !signal.aborted;) {
    try {
      const lease = await bus.acquireLease(key, holderName(), isGone);
      if (lease) return lease;
      failures = 0;
    } catch (error) {
      if (error instanceof UserFacingError && !(error instanceof AwayError)) throw error;
      if (failures++ === 0) say(`can't look at the lease, trying again: ${messageOf(error)}`);
    }
    await setTimeout(lookInterval, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function present(store: SweepStore, sweep: SweepRecord): Promise<SweepRecord> {
  return (await store.findSweep(sweep.id)) ?? sweep;
}
