import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { SweepStore, SweepRecord } from '../../store/sweep-store.js';
import type { Trial } from '../../sweep/trial.js';
import { ExitCode } from '../../support/errors.js';
import { LiveFrame } from './live-frame.js';
import { numberBetween } from './flags.js';
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
    .option('--interval <seconds>', 'between looks', numberBetween(0.2, 3600), 1)
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
  let lookAgain = (): void => undefined;
  const stopped = new Promise<'stopped'>((resolve) =>
    signals.onFirst(() => {
      resolve('stopped');
      lookAgain();
    }),
  );
  const frame = output.width === undefined ? undefined : new LiveFrame(process.stdout, () => lookAgain());
  signals.onSecond(() => frame?.close());
  const known = new KnownTrials(store, sweep.id);
  let shown = '';
  try {
    for (;;) {
      await known.refresh();
      const record = (await store.findSweep(sweep.id)) ?? sweep;
      const watched = await look(store, record, known.trials);
      const code = record.state === 'running' ? undefined : exitCodeOf(record, known.trials);
      if (!frame) {
        const line = progressText(watched);
        if (line !== shown) await output.write(`${line}\n`);
        shown = line;
      } else frame.draw(watchLines(watched, frame.width));
      const next = code ?? (await Promise.race([stopped, delayed(interval, (now) => (lookAgain = now))]));
      if (next === 'again') continue;
      // What was seen last stays in the terminal.
      if (frame) {
        frame.close();
        await output.write(`${watchLines(watched, frame.width).join('\n')}\n`);
      }
      return next === 'stopped' ? ExitCode.Interrupted : next;
    }
  } finally {
    frame?.close();
    signals.close();
  }
}

/** The trials of a sweep as they are now, by number. */
class KnownTrials {
  readonly trials: Trial[] = [];
  #revision = 0;

  constructor(
    private readonly store: SweepStore,
    private readonly sweepId: string,
  ) {}

  async refresh(): Promise<void> {
    for (;;) {
      const changes = await this.store.changesSince(this.sweepId, this.#revision, pageSize);
      for (const { trial, revision } of changes) {
        this.trials[trial.number] = trial;
        this.#revision = Math.max(this.#revision, revision);
      }
      if (changes.length < pageSize) return;
    }
  }
}

/** Resolves after so many seconds, or when what `hurry` was given is called. */
async function delayed(seconds: number, hurry: (now: () => void) => void): Promise<'again'> {
  const cut = new AbortController();
  hurry(() => cut.abort());
  await delay(seconds * 1000, undefined, { signal: cut.signal }).catch(() => undefined);
  return 'again';
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
