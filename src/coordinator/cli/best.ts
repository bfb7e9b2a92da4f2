import { Command } from 'commander';
import { leadersText, primaryObjective, rankSweep, type Ranking } from '../../analysis/ranking.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { didYouMean } from '../../sweep/nearest.js';
import { UsageError } from '../../support/errors.js';
import {
  bestCsv,
  bestJson,
  bestTable,
  selectedOnTestRemark,
  selectsOnTest,
  type BestRow,
} from './output/best-view.js';
import { formatOption, jsonText, type OutputFormat } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import {
  addStoreFlags,
  allTrials,
  findStoredSweep,
  withStore,
  type StoreFlags,
} from './output/stored-sweep.js';
import { metricNames } from './output/trial-view.js';
import { compileWhere } from './output/where.js';
import { positiveInteger } from './trials.js';

interface Flags extends StoreFlags {
  readonly format: OutputFormat;
  readonly top: number;
  readonly where?: string;
  readonly by?: string;
}

const help = `
Examples:
  coordinator best har-gru
  coordinator best har-gru --where 'memory <= 8192' --top 5
  coordinator best har-gru --by memory --format json

Replicates of a configuration count as one: metrics are their means, ± is the sample standard deviation. Where there
are any, configurations rank by what is expected of them after all seeds (a mean of few seeds is drawn towards the
others), and P(best) is how probably each is the best one (docs/analysis.md).
--where can name parameters and metrics (their means).
`;

export function bestCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('best'))
    .description('show the best configurations of a sweep')
    .argument('[sweep]', 'name or id; the newest sweep where it is left out')
    .option('--top <n>', 'how many', positiveInteger, 10)
    .option('--where <expression>', 'only configurations for which this is true')
    .option('--by <objective>', 'which objective ranks (default: the first)')
    .addOption(formatOption())
    .addHelpText('after', help)
    .action((reference: string | undefined, flags: Flags) =>
      withStore(flags, async (store) => {
        const { id, definition } = await findStoredSweep(store, reference);
        const by = objectiveNamed(definition, flags.by);
        const trials = await allTrials(store, id, { states: ['completed'] });
        const ranking = rankSweep(definition, trials, by);
        const rows = filter(definition, ranking.rows, flags.where).slice(0, flags.top);
        await print(output, definition, rows, ranking, flags.format);
      }),
    );
}

function objectiveNamed(definition: SweepDefinition, name?: string): string {
  if (name === undefined) return primaryObjective(definition);
  const objectives = Object.keys(definition.objectives);
  if (objectives.includes(name)) return name;
  const hint = didYouMean(name, objectives);
  throw new UsageError(`--by: "${name}" is not an objective${hint}; there are ${objectives.join(', ')}`);
}

function filter(definition: SweepDefinition, rows: readonly BestRow[], text?: string): readonly BestRow[] {
  if (text === undefined) return rows;
  const metrics = metricNames(
    definition,
    rows.flatMap(({ trials }) => trials),
  );
  const where = compileWhere(text, definition, metrics, { configuration: 0 });
  return rows.filter(({ configuration, parameters, metrics: summaries }) => {
    const means = Object.fromEntries(Object.entries(summaries).map(([name, { mean }]) => [name, mean]));
    return where.matches({ configuration, ...parameters, ...means });
  });
}

async function print(
  output: Output,
  definition: SweepDefinition,
  rows: readonly BestRow[],
  ranking: Ranking,
  format: OutputFormat,
): Promise<void> {
  if (format === 'json') await output.write(jsonText(rows.map((row) => bestJson(definition, row))));
  else if (format === 'csv') await output.write(bestCsv(definition, rows));
  else if (rows.length === 0) output.remark('no such configuration has a completed trial');
  else {
    await output.write(bestTable(definition, rows, output.width));
    const leaders = leadersText(ranking);
    if (leaders !== undefined) output.remark(leaders);
    if (selectsOnTest(definition)) output.remark(selectedOnTestRemark);
  }
}
