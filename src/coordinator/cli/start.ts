import { Command } from 'commander';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { bestConfigurations, bestTable, selectedOnTestRemark, selectsOnTest } from './output/best-view.js';
import { terminalOutput } from './output/output.js';
import { addStoreFlags, allTrials } from './output/stored-sweep.js';
import { addHostFlags } from './host-flags.js';
import { createScreen } from './screen.js';
import { startSweep, type StartFlags } from './start-sweep.js';
import { readSweepFile } from './sweep-file.js';

const shownBest = 5;

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

async function printBest(store: SweepStore, sweep: SweepRecord): Promise<void> {
  const output = terminalOutput();
  const trials = await allTrials(store, sweep.id, { states: ['completed'] });
  const rows = bestConfigurations(sweep.definition, trials).slice(0, shownBest);
  await output.write(bestTable(sweep.definition, rows, output.width));
  if (selectsOnTest(sweep.definition)) output.remark(selectedOnTestRemark);
}
