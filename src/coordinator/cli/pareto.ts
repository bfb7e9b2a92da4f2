import { InvalidArgumentError, Option, type Command } from 'commander';
import { frontOf, scalarised, type Front } from '../../analysis/front.js';
import { percentText, type RankedConfiguration } from '../../analysis/ranking.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { csvLines } from './output/csv.js';
import { selectedOnTestRemark, selectsOnTest } from './output/best-view.js';
import { printListing } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import {
  objectiveNamed,
  readingCommand,
  trialsOfConfigurations,
  type ReadingFlags,
} from './output/reading.js';
import { sparkline } from './output/spark.js';
import { formatColumn, renderTable } from './output/table.js';
import { parameterColumns } from './output/trial-view.js';

interface Flags extends ReadingFlags {
  readonly objectives?: readonly string[];
  readonly weights?: Readonly<Record<string, number>>;
}

const help = `  coordinator pareto har-gru
  coordinator pareto har-gru --objectives accuracy,memory
  coordinator pareto har-gru --weights accuracy=3,memory=1

Configurations that hold the limits and that no other one beats in every objective (means over replicates). The knee
gives most for what it costs. --weights orders them by one number: the largest weighted distance from the best of each
objective. --where can name parameters and metrics (their means).
`;

export function paretoCommand(output: Output = terminalOutput()): Command {
  return readingCommand<Flags>(
    {
      name: 'pareto',
      description: "show a sweep's trade-offs: what nothing else beats in every objective",
      help,
      where: 'configurations',
      options: [
        new Option('--objectives <names>', 'trade off these, with commas (default: all)').argParser((text) =>
          text.split(','),
        ),
        new Option('--weights <list>', 'order by these weights, e.g. accuracy=3,memory=1').argParser(
          weightsOf,
        ),
      ],
    },
    async (store, sweep, flags) => {
      const { definition } = sweep;
      const names = (flags.objectives ?? Object.keys(definition.objectives)).map((name) =>
        objectiveNamed(definition, '--objectives', name),
      );
      for (const name of Object.keys(flags.weights ?? {})) objectiveNamed(definition, '--weights', name);
      const trials = await trialsOfConfigurations(store, sweep, flags.where);
      const front = frontOf(definition, trials, names);
      const rows = flags.weights ? scalarised(front, flags.weights).map(({ row }) => row) : front.rows;
      await printListing(output, flags.format, {
        json: () => rows.map((row) => rowJson(row, front)),
        csv: () => rowsCsv(definition, rows, front),
        table: (width) => rowsTable(definition, rows, front, width),
        nothing: 'no configuration with all objectives holds the limits',
        remarks: [coveredText(front), selectsOnTest(definition) ? selectedOnTestRemark : undefined],
      });
    },
  );
}

function weightsOf(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name = '', value = ''] = part.split('=');
      const weight = value.trim() === '' ? NaN : Number(value);
      if (!(weight >= 0))
        throw new InvalidArgumentError(`"${part}" must be name=weight, the weight 0 or more.`);
      return [name.trim(), weight];
    }),
  );
}

function means({ metrics }: RankedConfiguration, { objectives }: Front): (number | undefined)[] {
  return Object.keys(objectives).map((name) => metrics[name]?.mean);
}

function rowJson(row: RankedConfiguration, front: Front): Record<string, unknown> {
  const names = Object.keys(front.objectives);
  return {
    number: row.trials[0]?.number ?? null,
    state: 'completed',
    parameters: row.parameters,
    metrics: Object.fromEntries(names.map((name) => [name, row.metrics[name]?.mean ?? null])),
    spread: Object.fromEntries(names.map((name) => [name, row.metrics[name]?.spread ?? null])),
    configuration: row.configuration,
    replicates: row.trials.length,
    numbers: row.trials.map(({ number }) => number),
    knee: row.configuration === front.knee,
  };
}

function rowsCsv(definition: SweepDefinition, rows: readonly RankedConfiguration[], front: Front): string {
  const parameters = Object.keys(definition.space);
  const names = Object.keys(front.objectives);
  return csvLines([
    [
      'number',
      'configuration',
      'replicates',
      'knee',
      ...parameters.map((name) => `parameters.${name}`),
      ...names.map((name) => `metrics.${name}`),
    ],
    ...rows.map((row) => [
      row.trials[0]?.number,
      row.configuration,
      row.trials.length,
      row.configuration === front.knee,
      ...parameters.map((name) => row.parameters[name]),
      ...means(row, front),
    ]),
  ]);
}

function rowsTable(
  definition: SweepDefinition,
  rows: readonly RankedConfiguration[],
  front: Front,
  width: number | undefined,
): string {
  const numbers = rows.map(({ trials }) => String(trials[0]?.number ?? ''));
  const marks = rows.map(({ configuration }) => (configuration === front.knee ? 'knee' : ''));
  return renderTable(
    [
      { title: 'trial', cells: numbers, align: 'right', importance: 9 },
      ...parameterColumns(
        definition,
        rows.map(({ parameters }) => parameters),
      ),
      ...Object.keys(front.objectives).map((name) => ({
        title: name,
        cells: formatColumn(rows.map(({ metrics }) => metrics[name]?.mean)),
        align: 'right' as const,
        importance: 8,
      })),
      ...(front.knee === undefined ? [] : [{ title: '', cells: marks, importance: 7 }]),
    ],
    width,
  );
}

/** How the covered share grew, trial by trial. */
function coveredText({ covered }: Front): string | undefined {
  const last = covered.at(-1);
  if (!last) return undefined;
  const course = sparkline(covered.map(({ share }) => share));
  return `Hypervolume: ${percentText(last.share)} of the box between worst and best  ${course}  last grown by trial ${last.number}.`;
}
