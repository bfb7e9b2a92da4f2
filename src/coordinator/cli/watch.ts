import { Command } from 'commander';
import type { SweepStore, SweepRecord } from '../../store/sweep-store.js';
import type { Trial } from '../../sweep/trial.js';
import { ExitCode } from '../../support/errors.js';
import { terminalOutput, type Output } from './output/output.js';
import { addStoreFlags, findStoredSweep, withStore, type StoreFlags } from './output/stored-sweep.js';
import { curvesOf } from './output/trial-report.js';
import { progressText, watchLines, type Watched } from './output/watch-view.js';
import { Signals } from './signals.js';

interface Flags extends StoreFlags {
  readonly interval: number;
}

const help = `
Examples:
  coordinator watch
  coordinator watch har-gru --interval 5

Into a pipe or a file it writes a line whenever a trial has ended, at most one each interval. It ends with the sweep:
exit code 0 where that is completed, 3 where no trial was, 1 where it failed or stopped otherwise, 130 after Ctrl-C.
`;

/** Changes read at once. */
const pageSize = 2000;
/** Running trials whose curves are shown. */
const shownCurves = 6;

export function watchCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('watch'))
    .description('watch a sweep in the terminal: progress, best, curves, workers')
    .argument('[sweep]', 'name or id; the newest sweep where it is left out')
    .option(
      '--interval <seconds>',
      'between looks',
      (text) => Math.min(3600, Math.max(0.2, Number(text) || 1)),
      1,
    )
    .addHelpText('after', help)
    .action((reference: string | undefined, flags: Flags) =>
      withStore(flags, async (store) => {
        process.exitCode = await watch(
          store,
          await findStoredSweep(store, reference),
          flags.interval,
          output,
        );
      }),
    );
}

async function watch(
  store: SweepStore,
  sweep: SweepRecord,
  interval: number,
  output: Output,
): Promise<ExitCode> {
  const signals = new Signals();
  const stopped = new Promise<void>((resolve) => signals.onFirst(() => resolve()));
  const trials: Trial[] = [];
  let revision = 0;
  let shown = 0;
  let last = '';
  try {
    for (;;) {
      for (;;) {
        const changes = await store.changesSince(sweep.id, revision, pageSize);
        for (const { trial, revision: next } of changes) {
          trials[trial.number] = trial;
          revision = Math.max(revision, next);
        }
        if (changes.length < pageSize) break;
      }
      const record = (await store.findSweep(sweep.id)) ?? sweep;
      const watched = await look(store, record, trials);
      if (output.width === undefined) {
        const line = progressText(watched);
        if (line !== last) await output.write(`${line}\n`);
        last = line;
      } else {
        const lines = watchLines(watched, output.width);
        await output.write(`${shown > 0 ? `\u001b[${shown}A\u001b[0J` : ''}${lines.join('\n')}\n`);
        shown = lines.length;
      }
      if (record.state !== 'running') return exitCodeOf(record, trials);
      if (await firstOf(stopped, interval)) return ExitCode.Interrupted;
    }
  } finally {
    signals.close();
  }
}

/** Whether it was stopped before the time was over. */
async function firstOf(stopped: Promise<void>, seconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), seconds * 1000)));
  try {
    return await Promise.race([stopped.then(() => true), over]);
  } finally {
    clearTimeout(timer);
  }
}

async function look(store: SweepStore, sweep: SweepRecord, trials: readonly Trial[]): Promise<Watched> {
  const running = trials.filter(({ state }) => state === 'running').slice(0, shownCurves);
  const [metric = ''] = Object.keys(sweep.definition.objectives);
  const curves = await Promise.all(
    running.map(async (trial) => {
      const found = curvesOf(await store.reports(trial));
      return { trial, curve: found.find((curve) => curve.metric === metric) ?? found[0] };
    }),
  );
  return { sweep, trials, curves, workers: await store.listWorkers(), now: Date.now() };
}

function exitCodeOf({ state }: SweepRecord, trials: readonly Trial[]): ExitCode {
  if (state === 'completed') return ExitCode.Success;
  return trials.some((trial) => trial.state === 'completed') ? ExitCode.Failure : ExitCode.NothingCompleted;
}
