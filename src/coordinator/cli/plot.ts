import { Option, type Command } from 'commander';
import { besideOf } from '../../analysis/beside.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { didYouMean } from '../../sweep/nearest.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import type { Trial } from '../../sweep/trial.js';
import { UserFacingError, UsageError } from '../../support/errors.js';
import type { BesideInput } from '../plot/beside.js';
import { chartNames, drawChart, type ChartInput, type ChartName, type TrialCurve } from '../plot/charts.js';
import { toFile } from './export.js';
import { numberBetween } from './flags.js';
import { metricNamed } from './output/metric-named.js';
import { terminalOutput, type Output } from './output/output.js';
import { pictureFor, usualScale } from './output/picture.js';
import { readingCommand, trialsWhere, type ReadingFlags } from './output/reading.js';
import { findStoredSweep } from './output/stored-sweep.js';
import { curvesOf } from './output/trial-report.js';

interface Flags extends ReadingFlags {
  readonly chart: ChartName;
  readonly output?: string;
  readonly metric?: string;
  readonly against?: string;
  readonly parameter?: string;
  readonly beside?: string;
  readonly scale: number;
}

const help = `  coordinator plot har-gru --chart tradeoff -o tradeoff.png
  coordinator plot har-gru --chart slice --parameter lr -o lr.svg
  coordinator plot har-gru --chart best > best.svg
  coordinator plot har-gru --chart slice --parameter nhidden --beside published -o beside.svg

Charts: best (so far, over trials), tradeoff (two metrics, with the Pareto front), curves (over steps), importance,
slice (over one parameter, with what a model expects), parallel (all parameters). A PNG needs a font on this machine.
--where can name parameters, metrics, number, configuration, replicate, seed and state. --beside draws the results of
another sweep, e.g. an imported one, as triangles: those that agree with what this sweep fixes.
`;

/** Trials whose curves are drawn: the best ones and the last ones. */
const mostCurves = 60;

export function plotCommand(output: Output = terminalOutput()): Command {
  const command = readingCommand<Flags>(
    {
      name: 'plot',
      description: 'draw a chart of a sweep as SVG or PNG; no browser needed',
      help,
      where: 'trials',
      formats: [],
      options: [
        new Option('--chart <name>', 'which chart').choices([...chartNames]).default('best'),
        new Option(
          '-o, --output <file>',
          'a name that ends with .svg or .png (default: SVG to standard output)',
        ),
        new Option('--metric <name>', 'what is shown (default: the first objective)'),
        new Option('--against <metric>', 'the other metric of a trade-off (default: the second objective)'),
        new Option('--parameter <name>', 'of a slice (default: the most important one)'),
        new Option('--beside <sweep>', 'another sweep whose results are drawn too, in a slice or tradeoff'),
        new Option('--scale <factor>', 'pixels of a PNG: 800 by 500 times this')
          .argParser(numberBetween(0.1, 10))
          .default(usualScale),
      ],
    },
    async (store, sweep, flags) => {
      const { definition } = sweep;
      const trials = await trialsWhere(store, sweep, flags.where);
      const { beside: other, ...asked } = flags;
      const beside = other === undefined ? {} : { beside: await readBeside(store, sweep, other, flags) };
      const svg = await chartSvg(store, definition, trials, flags.chart, { ...asked, ...beside });
      if (typeof svg !== 'string') throw new UserFacingError(svg.nothing);
      if (flags.output === undefined) return await output.write(svg);
      await toFile(flags.output, [await pictureFor(flags.output, svg, flags.scale)]);
      output.remark(`${flags.chart} of ${definition.name} written to ${flags.output}`);
    },
  );
  return command;
}

/** The chart as SVG, or why there is none. */
export async function chartSvg(
  store: SweepStore,
  definition: SweepDefinition,
  trials: readonly Trial[],
  chart: ChartName,
  flags: Pick<Flags, 'metric' | 'against' | 'parameter'> & Pick<ChartInput, 'beside'> = {},
): Promise<string | { readonly nothing: string }> {
  const metric = metricNamed(definition, trials, flags.metric);
  if (flags.against !== undefined) metricNamed(definition, trials, flags.against, '--against');
  const names = Object.keys(definition.space);
  if (flags.parameter !== undefined && !names.includes(flags.parameter))
    throw new UsageError(
      `--parameter: "${flags.parameter}" is not a parameter${didYouMean(flags.parameter, names)}; there are ${names.join(', ')}`,
    );
  const figure = drawChart(chart, {
    definition,
    trials,
    metric,
    ...(flags.against === undefined ? {} : { against: flags.against }),
    ...(flags.parameter === undefined ? {} : { parameter: flags.parameter }),
    ...(flags.beside === undefined ? {} : { beside: flags.beside }),
    ...(chart === 'curves' ? { curves: await readCurves(store, trials, metric) } : {}),
  });
  return typeof figure === 'string' ? { nothing: figure } : figure.svg();
}

/** The sweep of `--beside`. Throws `UsageError` where nothing of it could be drawn. */
async function readBeside(
  store: SweepStore,
  { definition }: SweepRecord,
  reference: string,
  { chart, where }: Pick<Flags, 'chart' | 'where'>,
): Promise<BesideInput> {
  if (chart !== 'slice' && chart !== 'tradeoff')
    throw new UsageError(`--beside: chart "${chart}" shows one sweep; there are slice and tradeoff for two`);
  const other = await findStoredSweep(store, reference);
  const shared = besideOf(definition, other.definition);
  if (!shared)
    throw new UsageError(
      `--beside: ${other.definition.name} and ${definition.name} have no parameter or no objective in common`,
    );
  const both = [where, shared.where].flatMap((text) => (text === undefined ? [] : [`(${text})`]));
  const trials = await trialsWhere(store, other, both.length === 0 ? undefined : both.join(' && '));
  return { definition: other.definition, trials };
}

async function readCurves(
  store: SweepStore,
  trials: readonly Trial[],
  metric: string,
): Promise<TrialCurve[]> {
  const drawn = trials.slice(-mostCurves);
  const [first] = drawn;
  if (!first) return [];
  const reports = await store.reportsOf(
    first.sweepId,
    drawn.map(({ number }) => number),
    1,
  );
  return drawn.flatMap((trial) => {
    const own = reports.filter(({ number }) => number === trial.number);
    const curve = curvesOf(own).find((one) => one.metric === metric);
    return curve ? [{ trial, steps: curve.steps, values: curve.values }] : [];
  });
}
