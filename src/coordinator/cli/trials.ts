import { Command, InvalidArgumentError, Option } from 'commander';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { TrialState, type Trial } from '../../sweep/trial.js';
import { selectedOnTestRemark, selectsOnTest } from './output/best-view.js';
import { formatOption, jsonText, type OutputFormat } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import {
  addStoreFlags,
  allTrials,
  findStoredSweep,
  withStore,
  type StoreFlags,
} from './output/stored-sweep.js';
import { metricNames, TrialCsv, trialJson, trialTable } from './output/trial-view.js';
import { compileWhere } from './output/where.js';

interface Flags extends StoreFlags {
  readonly format: OutputFormat;
  readonly state?: readonly TrialState[];
  readonly where?: string;
  readonly limit?: number;
}

const help = `
Examples:
  coordinator trials har-gru
  coordinator trials har-gru --state failed
  coordinator trials har-gru --where 'nhidden >= 8 and accuracy > 0.9' --format csv

--where can name parameters, metrics, number, configuration, replicate, seed and state.
`;

export function trialsCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('trials'))
    .description('list the trials of a sweep, by number')
    .argument('[sweep]', 'name or id; the newest sweep where it is left out')
    .addOption(
      new Option('--state <states...>', 'only trials in these states').choices(Object.values(TrialState)),
    )
    .option('--where <expression>', 'only trials for which this is true')
    .option('--limit <n>', 'at most so many', positiveInteger)
    .addOption(formatOption())
    .addHelpText('after', help)
    .action((reference: string | undefined, flags: Flags) =>
      withStore(flags, async (store) => {
        const sweep = await findStoredSweep(store, reference);
        await print(output, sweep, await select(store, sweep, flags), flags.format);
      }),
    );
}

/** For flags that count. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('must be a whole number above 0.');
  return value;
}

async function select(store: SweepStore, sweep: SweepRecord, flags: Flags): Promise<Trial[]> {
  const states = flags.state ? { states: flags.state } : {};
  if (flags.where === undefined) {
    return allTrials(store, sweep.id, {
      ...states,
      ...(flags.limit === undefined ? {} : { limit: flags.limit }),
    });
  }
  const trials = await allTrials(store, sweep.id, states);
  const fields = { number: 0, configuration: 0, replicate: 0, seed: 0, state: '' };
  const where = compileWhere(flags.where, sweep.definition, metricNames(sweep.definition, trials), fields);
  const { limit = Infinity } = flags;
  return trials
    .filter(({ number, configuration, replicate, seed, state, parameters, metrics }) =>
      where.matches({ number, configuration, replicate, seed, state, ...parameters, ...metrics }),
    )
    .slice(0, limit);
}

async function print(
  output: Output,
  { definition }: SweepRecord,
  trials: readonly Trial[],
  format: OutputFormat,
): Promise<void> {
  if (format === 'json') await output.write(jsonText(trials.map(trialJson)));
  else if (format === 'csv') {
    const csv = new TrialCsv(definition, metricNames(definition, trials));
    await output.write(csv.header() + csv.lines(trials));
  } else if (trials.length === 0) output.remark('no such trial');
  else {
    await output.write(trialTable(definition, trials, output.width));
    if (selectsOnTest(definition)) output.remark(selectedOnTestRemark);
  }
}
