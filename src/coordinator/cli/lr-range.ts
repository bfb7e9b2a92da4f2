import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { formatNumber } from '../../sweep/units.js';
import { messageOf, UsageError, UserFacingError, type ExitCode } from '../../support/errors.js';
import type { HostOptions, NatsChoice } from '../host-options.js';
import { analyseRange, type RangeAnalysis, type RangePoint } from '../lr-range/analyse.js';
import { plotRange } from '../lr-range/plot.js';
import { rangeSweep } from '../lr-range/range-sweep.js';
import { positiveInteger, wholeNumber } from './flags.js';
import { addNatsServerFlag, addTrainingFlags } from './host-flags.js';
import { jsonText } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { checkPictureName, pictureFor, usualScale } from './output/picture.js';
import { addStoreFlags, type StoreFlags } from './output/stored-sweep.js';
import { formatColumn, renderTable } from './output/table.js';
import { createScreen } from './screen.js';
import { startSweep } from './start-sweep.js';
import { readSweepFile } from './sweep-file.js';

interface Flags
  extends StoreFlags, Pick<HostOptions, 'data' | 'backend' | 'kernels'>, Pick<NatsChoice, 'natsServer'> {
  readonly from: number;
  readonly to: number;
  readonly passes: number;
  readonly seed: number;
  readonly output?: string;
  readonly json: boolean;
}

/** Rows of the table. */
const shownPoints = 25;

/** `coordinator lr-range`. */
export function lrRangeCommand(): Command {
  return addNatsServerFlag(addTrainingFlags(addStoreFlags(new Command('lr-range'))))
    .description('learning-rate range test: trains a model with a rising rate, says which rates it learns at')
    .argument(
      '<file>',
      'a sweep file; its first startWith configuration, or the middle of its space, is trained',
    )
    .option('--from <rate>', 'learning rate to begin with', positiveNumber, 1e-5)
    .option('--to <rate>', 'learning rate to end with', positiveNumber, 1e-1)
    .option('--passes <number>', 'passes over the train set', positiveInteger, 30)
    .option('--seed <number>', 'another seed, another training', wholeNumber, 1)
    .option('-o, --output <file>', 'write the plot of loss against learning rate, a .svg or .png')
    .option('--json', 'print one JSON object with all points', false)
    .addHelpText(
      'after',
      `
Examples:
  coordinator lr-range configs/har-conv-lstm.yaml --data ~/uci-har.zip -o lr.svg
  coordinator lr-range sweep.yaml --from 1e-4 --to 1 --passes 10 --json

The test is stored as a sweep of one trial, named after that of the file with -lr-range behind it. Suggested is a tenth
of the rate at which the smoothed loss is smallest, or the rate at its steepest fall where that is less.`,
    )
    .action(async (file: string, flags: Flags) => {
      process.exitCode = await testRange(file, flags, terminalOutput());
    });
}

async function testRange(file: string, flags: Flags, output: Output): Promise<ExitCode> {
  if (flags.from >= flags.to)
    throw new UsageError(`--from must be below --to; they are ${flags.from} and ${flags.to}`);
  if (flags.output !== undefined) checkPictureName(flags.output);
  const { definition } = await readSweepFile(file);
  // Results alone go to standard output.
  const screen = createScreen({ quiet: false, output: process.stderr });
  const machine = { workers: 1, slots: 1, dashboard: false, again: true, retryFailed: false };
  return await startSweep(
    rangeSweep(definition, flags),
    { ...flags, ...machine, standby: false, quiet: false },
    screen,
    (store, sweep) => showRange(store, sweep, flags, output),
  );
}

async function showRange(
  store: SweepStore,
  sweep: SweepRecord,
  { output: path, json }: Flags,
  output: Output,
): Promise<void> {
  const analysis = analysisOf(await pointsOf(store, sweep.id));
  const { name } = sweep.definition;
  if (json) {
    const { id } = sweep;
    await output.write(
      jsonText({ sweep: { id, name }, ...analysis, divergesAt: analysis.divergesAt ?? null }),
    );
  } else {
    await output.write(`${rangeTable(analysis, output.width)}\n${conclusion(analysis)}\n`);
  }
  // Last: what goes wrong with a picture takes no result away.
  if (path === undefined) return;
  const picture = await pictureFor(path, plotRange(name, analysis), usualScale);
  try {
    await writeFile(path, picture);
  } catch (error) {
    throw new UserFacingError(`${path} cannot be written: ${messageOf(error)}`, undefined, { cause: error });
  }
  if (!json) output.remark(`plot written to ${path}`);
}

function analysisOf(points: readonly RangePoint[]): RangeAnalysis {
  try {
    return analyseRange(points);
  } catch (error) {
    throw new UserFacingError(`${messageOf(error)}; give it more --passes`, undefined, { cause: error });
  }
}

/** Of the last attempt: one that began anew reported all steps again. */
async function pointsOf(store: SweepStore, sweepId: string): Promise<RangePoint[]> {
  const bySteps = new Map<number, RangePoint>();
  for (const { step, metrics } of await store.reports({ sweepId, number: 0 })) {
    const { loss, learningRate } = metrics;
    if (loss !== undefined && learningRate !== undefined) bySteps.set(step, { step, learningRate, loss });
  }
  return [...bySteps.values()].sort((a, b) => a.step - b.step);
}

function rangeTable({ points }: RangeAnalysis, width: number | undefined): string {
  const every = Math.ceil(points.length / shownPoints);
  const shown = points.filter((_, index) => index % every === 0 || index === points.length - 1);
  return renderTable(
    [
      { title: 'step', cells: shown.map(({ step }) => String(step)), align: 'right' },
      { title: 'lr', cells: shown.map(({ learningRate }) => formatNumber(learningRate)), align: 'right' },
      { title: 'loss', cells: formatColumn(shown.map(({ loss }) => loss)), align: 'right' },
      { title: 'smoothed', cells: formatColumn(shown.map(({ smoothed }) => smoothed)), align: 'right' },
    ],
    width,
  );
}

function conclusion({ suggested, steepest, lowest, divergesAt }: RangeAnalysis): string {
  return [
    `suggested lr  ${formatNumber(suggested)}`,
    `steepest fall ${formatNumber(steepest)}`,
    `lowest loss   ${formatNumber(lowest)}`,
    ...(divergesAt === undefined ? [] : [`diverges at   ${formatNumber(divergesAt)}`]),
  ].join('\n');
}

function positiveNumber(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
