import { setTimeout } from 'node:timers/promises';
import { Command } from 'commander';
import { openStore } from '../../store/open-store.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { formatDuration, formatNumber } from '../../sweep/units.js';
import { dataDirectory } from '../../support/directories.js';
import { AwayError, ExitCode, messageOf, UserFacingError } from '../../support/errors.js';
import type { HostOptions, NatsChoice } from '../host-options.js';
import { findSweepToStart } from '../recovery.js';
import { runSweep, type RunningSweep, type RunOptions } from '../run-sweep.js';
import { costOf } from '../runner/budget.js';
import type { SweepOutcome } from '../runner/ending.js';
import { createDataDirectory, openNats, type Nats } from '../session.js';
import { whenThere } from '../when-there.js';
import { takeSweep, type Taken, type TakeOptions } from '../take-sweep.js';
import { bestConfigurations, bestTable, selectedOnTestRemark, selectsOnTest } from './output/best-view.js';
import { failureGroups, failureText } from './output/failures.js';
import { terminalOutput } from './output/output.js';
import { addStoreFlags, allTrials, storeOptions, type StoreFlags } from './output/stored-sweep.js';
import { addHostFlags } from './host-flags.js';
import { ProgressLine } from './progress-line.js';
import { createScreen, type Screen } from './screen.js';
import { Signals } from './signals.js';
import { readSweepFile, type SweepFile } from './sweep-file.js';

/** Flags of `start`, and of whatever runs a sweep as it does. */
export interface StartFlags extends StoreFlags, HostOptions, NatsChoice {
  readonly again: boolean;
  readonly retryFailed: boolean;
  readonly standby: boolean;
  readonly quiet: boolean;
}

const shownBest = 5;
const progressInterval = 500;
/** Milliseconds before somebody who stands by tries again. */
const awayInterval = 250;

/** `coordinator start`. */
export function startCommand(): Command {
  return addHostFlags(addStoreFlags(new Command('start')), { workers: 1 })
    .description('run the sweep of a file, or go on with it where it stopped')
    .argument('<file>', 'the sweep file')
    .option('--no-worker', 'no worker process on this machine')
    .option('--again', 'begin anew, also where the same sweep is stored', false)
    .option('--retry-failed', 'try failed trials again', false)
    .option('--standby', 'where another coordinator runs the sweep, wait and take over when it dies', false)
    .option('--quiet', 'print the result alone', false)
    .addHelpText(
      'after',
      `
Examples:
  coordinator start sweep.yaml
  coordinator start sweep.yaml --slots 4 --data ~/uci-har.zip
  coordinator start sweep.yaml --listen 0.0.0.0      then, elsewhere: worker start --join <join string>
  coordinator start sweep.yaml --retry-failed

Ctrl-C hands unfinished trials back to the queue; the same command goes on later. A second Ctrl-C ends at once.

Exit codes: 0 the sweep is complete (or SIGTERM came, or it was stopped), 1 something went wrong, 2 wrong flags or
sweep file, 3 no trial was completed, 4 another coordinator runs this sweep, 130 Ctrl-C.`,
    )
    .action(async (file: string, { worker, ...flags }: StartFlags & { readonly worker: boolean }) => {
      const screen = createScreen({ quiet: flags.quiet });
      process.exitCode = await startSweep(
        await readSweepFile(file),
        worker ? flags : { ...flags, workers: 0 },
        screen,
        printBest,
      );
    });
}

/** Prints what came of a sweep of which trials are completed. */
export type ShowResult = (store: SweepStore, sweep: SweepRecord) => Promise<void>;

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
  const waiting = new AbortController();
  signals.onFirst(() => waiting.abort());
  // Who stands by waits for what it needs, too.
  const opened = async <T>(open: () => Promise<T>): Promise<T | undefined> =>
    await (flags.standby ? whenThere(open, say, waiting.signal) : open());
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
        const taken = await take(
          { request: { definition, ...flags }, source, ...place },
          flags,
          screen,
          signals,
        );
        if (taken.kind === 'interrupted') return ExitCode.Interrupted;
        if (taken.kind === 'ended') return await showEnded(place.store, taken.sweep, screen, showResult);
        const { sweep, lease, isNew } = taken;
        if (isNew) screen.line(`sweep ${definition.name} (${sweep.id}) begins`);
        const options = { ...flags, ...place, sweep, lease, say, warn };
        return await follow(options, screen, signals, showResult);
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

/** Gets hold of the sweep; a signal ends the waiting for it. */
async function take(
  options: Pick<TakeOptions, 'request' | 'source' | 'store'> & { readonly nats: Nats },
  { standby }: StartFlags,
  screen: Screen,
  signals: Signals,
): Promise<Taken> {
  const waiting = new AbortController();
  signals.onFirst(() => waiting.abort());
  const say = (line: string): void => screen.line(line);
  return await takeSweep({ ...options, bus: options.nats.bus, standby, signal: waiting.signal, say });
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

/** Runs the sweep to its end, showing how it goes. */
async function follow(
  options: Omit<RunOptions, 'onEnded'>,
  screen: Screen,
  signals: Signals,
  showResult: ShowResult,
): Promise<ExitCode> {
  const { sweep, nats } = options;
  const progress = new ProgressLine(sweep.definition);
  const running = await runSweep({ ...options, onEnded: (trials) => progress.ended(trials) });
  try {
    const who = options.listen === undefined ? 'more workers on this machine' : 'workers on other machines';
    screen.line(`${who}: ${await nats.invitationFor(sweep.definition.workers.pool)}`);
    signals.onFirst((signal) => {
      const again = signal === 'SIGINT' ? ' (Ctrl-C again ends at once)' : '';
      screen.line(`${signal}: unfinished trials go back to the queue${again}`);
      running.interrupt(`interrupted by ${signal}`);
    });
    signals.onSecond(() => running.kill());
    const outcome = await showProgress(running, progress, screen);
    return await conclude(options, running, outcome, screen, signals, showResult);
  } finally {
    screen.end();
    await running.close();
  }
}

async function showProgress(
  running: RunningSweep,
  line: ProgressLine,
  screen: Screen,
): Promise<SweepOutcome> {
  const since = performance.now();
  const show = (): void => {
    const seconds = (performance.now() - since) / 1000;
    screen.progress(
      line.text(running.runner.progress(), { seconds, before: running.before, planned: running.planned }),
    );
  };
  const timer = setInterval(show, progressInterval);
  try {
    return await running.outcome;
  } finally {
    clearInterval(timer);
    show();
    screen.end();
  }
}

async function conclude(
  { sweep, store }: Pick<RunOptions, 'sweep' | 'store'>,
  running: RunningSweep,
  outcome: SweepOutcome,
  screen: Screen,
  signals: Signals,
  showResult: ShowResult,
): Promise<ExitCode> {
  const { name } = sweep.definition;
  const { counts, reason, state } = outcome;
  const { usage } = running.runner.progress();
  const cost = costOf(sweep.definition.budget, usage);
  const spent = [
    `${formatDuration(usage.seconds)}`,
    `${formatDuration(usage.slotSeconds)} of training`,
    ...(cost === undefined ? [] : [`cost ${formatNumber(cost)}`]),
  ].join(', ');
  const why = reason === undefined ? '' : `: ${reason}`;
  const message = `sweep ${name} (${sweep.id}) is ${state}${why}; ${counts.completed} trials completed in ${spent}`;
  if (state === 'failed') screen.warn(message);
  else screen.line(message);
  if (counts.failed > 0)
    for (const group of await failureGroups(store, sweep.id)) screen.line(`failed: ${failureText(group)}`);
  if (counts.completed > 0) await showResult(store, sweep);
  if (state === 'stopped') screen.line('the same command goes on with it');
  if (state === 'failed') return counts.completed === 0 ? ExitCode.NothingCompleted : ExitCode.Failure;
  return state === 'stopped' && signals.first === 'SIGINT' ? ExitCode.Interrupted : ExitCode.Success;
}

async function printBest(store: SweepStore, sweep: SweepRecord): Promise<void> {
  const output = terminalOutput();
  const trials = await allTrials(store, sweep.id, { states: ['completed'] });
  const rows = bestConfigurations(sweep.definition, trials).slice(0, shownBest);
  await output.write(bestTable(sweep.definition, rows, output.width));
  if (selectsOnTest(sweep.definition)) output.remark(selectedOnTestRemark);
}
