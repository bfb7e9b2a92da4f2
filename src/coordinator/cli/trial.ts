import { Command } from 'commander';
import { didYouMean } from '../../sweep/nearest.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import type { Trial } from '../../sweep/trial.js';
import { UsageError } from '../../support/errors.js';
import { formatOption, printOne } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { readSchedule } from './output/schedule-view.js';
import { addStoreFlags, findStoredSweep, withStore, type StoreFlags } from './output/stored-sweep.js';
import { trialReportJson, trialReportLines, type TrialReport } from './output/trial-report.js';

interface Flags extends StoreFlags {
  readonly format: 'table' | 'json' | 'jsonl';
}

const help = `
Examples:
  coordinator trial 7
  coordinator trial 7 har-gru --format json
`;

export function trialCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('trial'))
    .description(
      'show all that is known of a trial: parameters, curves, attempts, decisions, how to repeat it',
    )
    .argument('<number>', 'its number')
    .argument('[sweep]', 'name or id; the newest sweep where it is left out')
    .addOption(formatOption('table', 'json', 'jsonl'))
    .addHelpText('after', help)
    .action((number: string, reference: string | undefined, flags: Flags) =>
      withStore(flags, async (store) => {
        const report = await readTrial(store, await findStoredSweep(store, reference), number);
        await printOne(output, flags.format, {
          lines: () => trialReportLines(report),
          json: () => trialReportJson(report),
        });
      }),
    );
}

async function readTrial(store: SweepStore, sweep: SweepRecord, text: string): Promise<TrialReport> {
  const trial = await findTrial(store, sweep, text);
  const [attempts, reports, logs, decisions, schedule] = await Promise.all([
    store.attempts(trial),
    store.reports(trial),
    store.logsOf(sweep.id, [trial.number]),
    store.decisions(sweep.id, trial.number),
    readSchedule(store, trial),
  ]);
  return { sweep, trial, attempts, reports, logs, decisions, schedule };
}

/** Throws `UsageError` where there is no such trial. */
export async function findTrial(
  store: SweepStore,
  { id, definition }: SweepRecord,
  text: string,
): Promise<Trial> {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  const found = number === undefined ? undefined : await store.trial({ sweepId: id, number });
  if (found) return found;
  const counts = await store.countTrials(id);
  const last = Object.values(counts).reduce((sum, count) => sum + count, 0) - 1;
  const hint = number === undefined ? didYouMean(text, [definition.name]) : '';
  const range = last < 0 ? 'it has no trials yet' : `its trials are 0 to ${last}`;
  throw new UsageError(`sweep ${definition.name} has no trial "${text}"${hint}; ${range}`);
}
