import { setTimeout } from 'node:timers/promises';
import { openStore } from '../../store/open-store.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { dataDirectory } from '../../support/directories.js';
import { AwayError, ExitCode, messageOf, UserFacingError } from '../../support/errors.js';
import type { HostOptions, NatsChoice } from '../host-options.js';
import { findSweepToStart } from '../recovery.js';
import { createDataDirectory, openNats } from '../session.js';
import { takeSweep } from '../take-sweep.js';
import { whenThere } from '../when-there.js';
import { followSweep, type ShowResult } from './follow-sweep.js';
import { storeOptions, type StoreFlags } from './output/stored-sweep.js';
import type { Screen } from './screen.js';
import { Signals } from './signals.js';
import type { SweepFile } from './sweep-file.js';

/** Flags of `start`, and of whatever runs a sweep as it does. */
export interface StartFlags extends StoreFlags, HostOptions, NatsChoice {
  readonly again: boolean;
  readonly retryFailed: boolean;
  readonly standby: boolean;
  readonly quiet: boolean;
}

/** Milliseconds before somebody who stands by tries again. */
const awayInterval = 250;

/** Runs a sweep to its end, with all that belongs to it. */
export async function startSweep(
  { definition, source }: SweepFile,
  flags: StartFlags,
  screen: Screen,
  showResult: ShowResult,
): Promise<ExitCode> {
  const directory = dataDirectory(flags.dir);
  await createDataDirectory(directory);
  const say = (line: string): void => screen.line(line);
  const warn = (line: string): void => screen.warn(line);
  const signals = new Signals();
  // Who stands by waits for what it needs, too.
  const opened = async <T>(open: () => Promise<T>): Promise<T | undefined> =>
    await (flags.standby ? whenThere(open, say, signals.interrupted) : open());
  let store: SweepStore | undefined;
  try {
    store = await opened(() => openStore(storeOptions(flags)));
    if (!store) return ExitCode.Interrupted;
    const found = await findSweepToStart(store, { definition, ...flags });
    if (found.kind === 'finished') return await showEnded(store, found.sweep, screen, showResult);
    const nats = await opened(() => openNats({ ...flags, directory, say, warn }));
    if (!nats) return ExitCode.Interrupted;
    try {
      screen.line(nats.description);
      const place = { store, nats, directory };
      const takeAndFollow = async (): Promise<ExitCode> => {
        const taken = await takeSweep({
          ...place,
          request: { definition, ...flags },
          source,
          bus: nats.bus,
          standby: flags.standby,
          signal: signals.interrupted,
          say,
        });
        if (taken.kind === 'interrupted') return ExitCode.Interrupted;
        if (taken.kind === 'ended') return await showEnded(place.store, taken.sweep, screen, showResult);
        const { sweep, lease, isNew } = taken;
        if (isNew) screen.line(`sweep ${definition.name} (${sweep.id}) begins`);
        const options = { ...flags, ...place, sweep, lease, say, warn };
        return await followSweep(options, screen, signals, showResult);
      };
      return await (flags.standby ? untilThrough(takeAndFollow, screen) : takeAndFollow());
    } finally {
      await nats.close();
    }
  } finally {
    signals.close();
    await store?.close();
  }
}

/** Stands by again where another coordinator has taken over, or where the store or nats-server went away. */
async function untilThrough(takeAndFollow: () => Promise<ExitCode>, screen: Screen): Promise<ExitCode> {
  for (let said: string | undefined; ;) {
    try {
      return await takeAndFollow();
    } catch (error) {
      if (!isSuperseded(error) && !(error instanceof AwayError)) throw error;
      const why = isSuperseded(error) ? `${messageOf(error)} by now` : `standing by: ${messageOf(error)}`;
      if (why !== said) screen.warn(why);
      said = why;
      await setTimeout(awayInterval);
    }
  }
}

function isSuperseded(error: unknown): boolean {
  return error instanceof UserFacingError && error.exitCode === ExitCode.AlreadyRunning;
}

async function showEnded(
  store: SweepStore,
  sweep: SweepRecord,
  screen: Screen,
  showResult: ShowResult,
): Promise<ExitCode> {
  const title = `sweep ${sweep.definition.name} (${sweep.id})`;
  if (sweep.state === 'completed') screen.line(`${title} is finished; --again begins it anew`);
  else screen.line(`${title} is ${sweep.state}${sweep.reason === undefined ? '' : `: ${sweep.reason}`}`);
  const { completed } = await store.countTrials(sweep.id);
  if (completed > 0) await showResult(store, sweep);
  if (sweep.state !== 'failed') return ExitCode.Success;
  return completed > 0 ? ExitCode.Failure : ExitCode.NothingCompleted;
}
