import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { formatDuration, formatNumber } from '../../sweep/units.js';
import { ExitCode } from '../../support/errors.js';
import { runSweep, type RunningSweep, type RunOptions } from '../run-sweep.js';
import { costOf } from '../runner/budget.js';
import type { SweepOutcome } from '../runner/ending.js';
import { failureGroups, failureText } from './output/failures.js';
import { ProgressLine } from './progress-line.js';
import type { Screen } from './screen.js';
import type { Signals } from './signals.js';

const progressInterval = 500;

/** Prints what came of a sweep of which trials are completed. */
export type ShowResult = (store: SweepStore, sweep: SweepRecord) => Promise<void>;

/** Runs the sweep to its end, showing how it goes. */
export async function followSweep(
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
