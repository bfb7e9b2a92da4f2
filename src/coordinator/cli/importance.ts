import { Option, type Command } from 'commander';
import { importanceOf, type Importance } from '../../analysis/importance.js';
import { percentText } from '../../analysis/ranking.js';
import { fewestConfigurations, Surrogate, type EffectPoint } from '../../analysis/surrogate.js';
import { didYouMean } from '../../sweep/nearest.js';
import type { ParameterValue } from '../../sweep/parameter.js';
import { Direction } from '../../sweep/sweep-definition.js';
import { formatNumber } from '../../sweep/units.js';
import { UsageError } from '../../support/errors.js';
import { csvLines } from './output/csv.js';
import { printListing } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { readingCommand, trialsOfConfigurations, type ReadingFlags } from './output/reading.js';
import { bar, sparkline } from './output/spark.js';
import { formatColumn, renderTable } from './output/table.js';
import { metricNamed } from './output/metric-named.js';
import { showParameter } from './output/trial-view.js';

interface Flags extends ReadingFlags {
  readonly metric?: string;
  readonly slice?: string;
}

const help = `  coordinator importance har-gru
  coordinator importance har-gru --metric memory --format json
  coordinator importance har-gru --slice lr
  coordinator importance har-gru --where 'accuracy > 0.8'

Which part of how a metric varies over the space comes from each parameter by itself (functional ANOVA over a random
forest, docs/analysis.md), and with --slice what is expected over the values of one. --where can name parameters and
metrics (their means).
`;

export function importanceCommand(output: Output = terminalOutput()): Command {
  return readingCommand<Flags>(
    {
      name: 'importance',
      description: 'show which parameters matter, and where they are best',
      help,
      where: 'configurations',
      options: [
        new Option('--metric <name>', 'of which metric (default: the first objective)'),
        new Option('--slice <parameter>', 'what is expected over the values of this parameter'),
      ],
    },
    async (store, sweep, flags) => {
      const { definition } = sweep;
      const trials = await trialsOfConfigurations(store, sweep, flags.where);
      const metric = metricNamed(definition, trials, flags.metric);
      const surrogate = Surrogate.of(definition, trials, metric);
      const nothing = `too few configurations with different ${metric} to tell (at least ${fewestConfigurations})`;
      if (!surrogate) {
        return await printListing(output, flags.format, {
          json: () => [],
          csv: () => '',
          table: () => '',
          nothing,
        });
      }
      if (flags.slice !== undefined) {
        const points = surrogate.effect(parameterNamed(surrogate, flags.slice));
        return await printListing(output, flags.format, sliceListing(flags.slice, metric, points, nothing));
      }
      const importance = importanceOf(surrogate, metric);
      const best = bestValues(surrogate);
      await printListing(output, flags.format, {
        json: () =>
          importance.parameters.map(({ name, share }) => ({
            parameter: name,
            share,
            best: best.get(name)?.best ?? null,
            metric,
            explained: importance.explained,
            configurations: importance.configurations,
          })),
        csv: () =>
          csvLines([
            ['parameter', 'share', 'best', 'metric', 'explained', 'configurations'],
            ...importance.parameters.map(({ name, share }) => [
              name,
              share,
              best.get(name)?.best,
              metric,
              importance.explained,
              importance.configurations,
            ]),
          ]),
        table: (width) => importanceTable(importance, best, width),
        nothing,
        remarks: remarksOn(importance),
      });
    },
  );
}

function parameterNamed({ parameters }: Surrogate, name: string): string {
  const names = parameters.map((parameter) => parameter.name);
  if (names.includes(name)) return name;
  const hint = didYouMean(name, names);
  throw new UsageError(
    `--slice: "${name}" is not a searched parameter${hint}; there are ${names.join(', ')}`,
  );
}

interface BestValue {
  readonly best: ParameterValue;
  /** What is expected, from the first value to the last. */
  readonly course: string;
}

function bestValues(surrogate: Surrogate): Map<string, BestValue> {
  const sign = surrogate.direction === Direction.Maximize ? 1 : -1;
  return new Map(
    surrogate.parameters.map(({ name }) => {
      const points = surrogate.effect(name);
      const best = points.reduce((a, b) => (sign * b.mean > sign * a.mean ? b : a));
      return [name, { best: best.value, course: sparkline(points.map(({ mean }) => mean)) }];
    }),
  );
}

function importanceTable(
  { parameters }: Importance,
  best: ReadonlyMap<string, BestValue>,
  width: number | undefined,
): string {
  return renderTable(
    [
      { title: 'parameter', cells: parameters.map(({ name }) => name), importance: 9 },
      {
        title: 'share',
        cells: parameters.map(({ share }) => percentText(share)),
        align: 'right',
        importance: 8,
      },
      { title: '', cells: parameters.map(({ share }) => bar(share, 20)), importance: 3 },
      {
        title: 'best near',
        cells: parameters.map(({ name }) => showParameter(best.get(name)?.best)),
        importance: 7,
      },
      {
        title: 'over its values',
        cells: parameters.map(({ name }) => best.get(name)?.course ?? ''),
        importance: 5,
      },
    ],
    width,
  );
}

function remarksOn({ metric, explained, configurations, interactions }: Importance): string[] {
  const trust =
    explained < 0.3
      ? `A model over ${configurations} configurations predicts only ${percentText(explained)} of how ${metric} varies: do not lean on these shares.`
      : `A model over ${configurations} configurations predicts ${percentText(explained)} of how ${metric} varies.`;
  const pairs = interactions.filter(({ share }) => share >= 0.03).slice(0, 3);
  if (pairs.length === 0) return [trust];
  const text = pairs.map(({ names, share }) => `${names.join(' and ')} ${percentText(share)}`).join(', ');
  return [trust, `Only together: ${text}.`];
}

function sliceListing(name: string, metric: string, points: readonly EffectPoint[], nothing: string) {
  return {
    json: () => points.map(({ value, mean, deviation, weight }) => ({ value, mean, deviation, weight })),
    csv: () =>
      csvLines([
        ['value', 'mean', 'deviation', 'weight'],
        ...points.map(({ value, mean, deviation, weight }) => [value, mean, deviation, weight]),
      ]),
    table: (width: number | undefined) => {
      const means = points.map(({ mean }) => mean);
      const [low, high] = [Math.min(...means), Math.max(...means)];
      return renderTable(
        [
          {
            title: name,
            cells: points.map(({ value }) => showParameter(value)),
            align: 'right' as const,
            importance: 9,
          },
          { title: `expected ${metric}`, cells: formatColumn(means), align: 'right' as const, importance: 8 },
          {
            title: '±',
            cells: points.map(({ deviation }) => `±${formatNumber(deviation, 2)}`),
            importance: 5,
          },
          { title: '', cells: means.map((mean) => bar((mean - low) / (high - low || 1), 30)), importance: 3 },
        ],
        width,
      );
    },
    nothing,
  };
}
