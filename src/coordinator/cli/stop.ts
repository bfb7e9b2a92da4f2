import { Command } from 'commander';
import { decodeNatsUrl } from '../../messaging/join-string.js';
import { connectCoordinatorBus } from '../../messaging/nats-coordinator-bus.js';
import { findRunningServer } from '../../messaging/server/nats-server.js';
import { openStore } from '../../store/open-store.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { dataDirectory } from '../../support/directories.js';
import { EnvironmentError } from '../../support/errors.js';
import { takeLease } from '../session.js';
import { requestAction } from '../steering/control-requests.js';
import { commandGiver, type SteerFlags } from './steer.js';
import { addStoreFlags, findStoredSweep, storeOptions, withStore } from './output/stored-sweep.js';

/** Milliseconds in which a coordinator should have stopped: longer than it gives its workers. */
const patience = 40_000;
const lookInterval = 200;

/** `coordinator stop`. */
export function stopCommand(): Command {
  return addStoreFlags(new Command('stop'))
    .description('stop a sweep: what runs is cancelled, nothing new is started; `start` goes on with it')
    .argument('<sweep>', 'its name or id')
    .option('--nats <url>', 'the nats-server that the coordinator uses, where it is not its own')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator stop har-gru\n  coordinator stop k3x9m2pq --dir ~/sweeps',
    )
    .action(async (reference: string, flags: SteerFlags) => {
      const sweep = await withStore(flags, (store) => findStoredSweep(store, reference));
      const title = `sweep ${sweep.definition.name} (${sweep.id})`;
      if (sweep.state !== 'running') return console.log(`${title} is ${sweep.state} already`);
      await stop(sweep, flags);
      console.log(`${title} is stopped; \`coordinator start\` with its file goes on with it`);
    });
}

async function stop(sweep: SweepRecord, flags: SteerFlags): Promise<void> {
  const directory = dataDirectory(flags.dir);
  const address = flags.nats === undefined ? await findRunningServer(directory) : decodeNatsUrl(flags.nats);
  const store = await openStore(storeOptions(flags));
  try {
    // Without its nats-server no coordinator can be at work.
    if (!address) return await store.setSweepState(sweep.id, 'stopped', 'stopped by a user');
    const bus = await connectCoordinatorBus({ address, name: 'coordinator stop' });
    try {
      const by = `a user (${commandGiver()})`;
      if (await requestAction(bus, sweep.id, { action: 'stop' }, by)) return await untilStopped(store, sweep);
      // Nobody answers; whoever is about to begin is kept out by the lease.
      const lease = await takeLease(bus, sweep);
      await store.setSweepState(sweep.id, 'stopped', 'stopped by a user');
      await lease.release();
    } finally {
      await bus.close();
    }
  } finally {
    await store.close();
  }
}

async function untilStopped(store: SweepStore, sweep: SweepRecord): Promise<void> {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    if ((await store.findSweep(sweep.id))?.state !== 'running') return;
    await new Promise((resolve) => setTimeout(resolve, lookInterval));
  }
  throw new EnvironmentError(
    `the coordinator of sweep ${sweep.id} was told to stop, and has not within ${patience / 1000} s`,
  );
}
