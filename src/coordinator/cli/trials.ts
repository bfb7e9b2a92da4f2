import { Option, type Command } from 'commander';
import { TrialState } from '../../sweep/trial.js';
import { selectedOnTestRemark, selectsOnTest } from './output/best-view.js';
import { printListing } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { positiveInteger, readingCommand, trialsWhere, type ReadingFlags } from './output/reading.js';
import { metricNames, TrialCsv, trialJson, trialTable } from './output/trial-view.js';

interface Flags extends ReadingFlags {
  readonly state?: readonly TrialState[];
  readonly limit?: number;
}

const help = `  coordinator trials har-gru
  coordinator trials har-gru --state failed
  coordinator trials har-gru --where 'nhidden >= 8 and accuracy > 0.9' --format csv

--where can name parameters, metrics, number, configuration, replicate, seed and state.
`;

export function trialsCommand(output: Output = terminalOutput()): Command {
  return readingCommand<Flags>(
    {
      name: 'trials',
      description: 'list the trials of a sweep, by number',
      help,
      where: 'trials',
      options: [
        new Option('--state <states...>', 'only trials in these states').choices(Object.values(TrialState)),
        new Option('--limit <n>', 'at most so many').argParser(positiveInteger),
      ],
    },
    async (store, sweep, { state, where, limit, format }) => {
      const { definition } = sweep;
      // Where nothing is left out afterwards the store need not give more.
      const query = { ...(state && { states: state }), ...(limit && where === undefined && { limit }) };
      const trials = (await trialsWhere(store, sweep, where, query)).slice(0, limit);
      await printListing(output, format, {
        json: () => trials.map(trialJson),
        csv: () => {
          const csv = new TrialCsv(definition, metricNames(definition, trials));
          return csv.header() + csv.lines(trials);
        },
        table: (width) => trialTable(definition, trials, width),
        nothing: 'no such trial',
        remarks: [selectsOnTest(definition) ? selectedOnTestRemark : undefined],
      });
    },
  );
}
