import { Option, type Command } from 'commander';
import { adviceOn } from '../../analysis/advice.js';
import { intervalsText, leadersText, primaryObjective, rankMembers } from '../../analysis/ranking.js';
import { gainText } from '../search/gain-text.js';
import { bestCsv, bestJson, bestTable, selectedOnTestRemark, selectsOnTest } from './output/best-view.js';
import { printListing } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import {
  configurationsWhere,
  objectiveNamed,
  positiveInteger,
  readingCommand,
  type ReadingFlags,
} from './output/reading.js';
import { allTrials } from './output/stored-sweep.js';

interface Flags extends ReadingFlags {
  readonly top: number;
  readonly by?: string;
  readonly advice: boolean;
}

const help = `  coordinator best har-gru
  coordinator best har-gru --where 'memory <= 8192' --top 5
  coordinator best har-gru --by memory --format json

Replicates of a configuration count as one: metrics are their means, ± is the sample standard deviation. Where there
are any, configurations rank by what is expected of them after all seeds (a mean of few seeds is drawn towards the
others), and P(best) is how probably each is the best one (docs/analysis.md).
Of a population (search: { sampler: pbt }) each member is listed once, at the last interval that it has completed.
--where can name parameters and metrics (their means).
`;

export function bestCommand(output: Output = terminalOutput()): Command {
  return readingCommand<Flags>(
    {
      name: 'best',
      description: 'show the best configurations of a sweep',
      help,
      where: 'configurations',
      options: [
        new Option('--top <n>', 'how many').argParser(positiveInteger).default(10),
        new Option('--by <objective>', 'which objective ranks (default: the first)'),
        new Option('--advice', 'say how to go on, too').default(false),
      ],
    },
    async (store, sweep, flags) => {
      const { id, definition } = sweep;
      const by = objectiveNamed(definition, '--by', flags.by);
      const trials = await allTrials(store, id, { states: ['completed', 'failed'] });
      const ranking = rankMembers(definition, trials, by);
      const rows = configurationsWhere(definition, ranking.rows, flags.where).slice(0, flags.top);
      const advice = flags.advice ? adviceOn(definition, trials) : [];
      // Members can't have replicates, which would tell them apart.
      const first = definition.search.pbt
        ? intervalsText(definition, trials, ranking)
        : advice.some(({ kind }) => kind === 'seeds')
          ? undefined
          : leadersText(ranking);
      const isPrimary = by === primaryObjective(definition);
      await printListing(output, flags.format, {
        json: () => rows.map((row) => bestJson(definition, row)),
        csv: () => bestCsv(definition, rows),
        table: (width) => bestTable(definition, rows, width),
        nothing: 'no such configuration has a completed trial',
        remarks: [
          first,
          isPrimary && flags.format === 'table' ? gainText(sweep, trials) : undefined,
          selectsOnTest(definition) ? selectedOnTestRemark : undefined,
          ...advice.map(({ text }) => `- ${text}`),
        ],
      });
    },
  );
}
