import { hostname, userInfo } from 'node:os';
import { decodeNatsUrl } from '../../messaging/join-string.js';
import { connectCoordinatorBus } from '../../messaging/nats-coordinator-bus.js';
import { findRunningServer } from '../../messaging/server/nats-server.js';
import type { CoordinatorBus } from '../../messaging/bus.js';
import { openStore } from '../../store/open-store.js';
import type { SweepRecord } from '../../store/sweep-store.js';
import type { SweepAction } from '../../sweep/steering/sweep-action.js';
import { dataDirectory } from '../../support/directories.js';
import { takeLease } from '../session.js';
import { actOnStored } from '../steering/act-on-stored.js';
import { requestAction } from '../steering/control-requests.js';
import { findStoredSweep, storeOptions, withStore, type StoreFlags } from './output/stored-sweep.js';

/** Flags of commands that ask something of a coordinator at work. */
export interface SteerFlags extends StoreFlags {
  readonly nats?: string;
}

/** How a sweep that nobody runs is gone on with. */
const goOn = '`coordinator start` or `submit` with its file goes on with it';

/** Who gives a command, for the record. */
export function commandGiver(): string {
  return `${userInfo().username}@${hostname()}`.slice(0, 256);
}

/**
 * Has an action carried out, by the coordinator that runs the sweep or, where nobody does and it can wait, in the store
 * alone. Prints what changed.
 */
export async function steer(reference: string, flags: SteerFlags, action: SweepAction): Promise<void> {
  const sweep = await withStore(flags, (store) => findStoredSweep(store, reference));
  const title = `sweep ${sweep.definition.name} (${sweep.id})`;
  const answer = await withBus(flags, async (bus) => {
    if (!bus) return await changeStored(sweep, flags, action);
    const done = await requestAction(bus, sweep.id, action, commandGiver());
    if (done) return done;
    // Whoever is about to begin with it is kept out meanwhile.
    const lease = await takeLease(bus, sweep);
    try {
      return await changeStored(sweep, flags, action);
    } finally {
      await lease.release();
    }
  });
  console.log(`${title}: ${answer.message}`);
}

/** Connects to the nats-server of the data directory, or the one that was named; undefined: none runs. */
export async function withBus<T>(
  flags: SteerFlags,
  use: (bus: CoordinatorBus | undefined) => Promise<T>,
): Promise<T> {
  const directory = dataDirectory(flags.dir);
  const address = flags.nats === undefined ? await findRunningServer(directory) : decodeNatsUrl(flags.nats);
  if (!address) return await use(undefined);
  const bus = await connectCoordinatorBus({ address, name: 'coordinator command' });
  try {
    return await use(bus);
  } finally {
    await bus.close();
  }
}

async function changeStored(
  { id }: SweepRecord,
  flags: SteerFlags,
  action: SweepAction,
): Promise<{ readonly message: string }> {
  const store = await openStore(storeOptions(flags));
  try {
    return await actOnStored(store, await findStoredSweep(store, id), action, commandGiver(), goOn);
  } finally {
    await store.close();
  }
}
