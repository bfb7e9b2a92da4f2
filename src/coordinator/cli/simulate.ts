import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { rankSweep } from '../../analysis/ranking.js';
import { pbtOriginOf } from '../../sweep/pbt.js';
import { chooseSampler } from '../../sweep/samplers.js';
import { compileSpace } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { formatDuration, formatNumber } from '../../sweep/units.js';
import { UsageError } from '../../support/errors.js';
import { readEarlierSweeps } from '../earlier-sweeps.js';
import { createPruner } from '../pruning/create-pruner.js';
import { createSampler } from '../search/create-sampler.js';
import { earlierResults, type EarlierSweep } from '../search/warm/earlier-results.js';
import { warmStartText } from '../search/warm/warm-start-text.js';
import { flatTrainable, trainableLike, type EarlierTrial } from '../simulation/from-results.js';
import { simulate, type SimulationOutcome } from '../simulation/simulate.js';
import type { VirtualTrainable } from '../simulation/virtual-trainable.js';
import { positiveInteger } from './flags.js';
import { jsonText } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { addStoreFlags, allTrials, storeOptions, withStore, type StoreFlags } from './output/stored-sweep.js';
import { readSweepFile } from './sweep-file.js';

interface Flags extends StoreFlags {
  readonly workers: number;
  readonly like?: string;
  readonly steps?: number;
  readonly secondsPerStep?: number;
  readonly price?: number;
  readonly json: boolean;
}

/** Curves that are read of an earlier sweep, at most. */
const mostCurves = 2_000;

/** `coordinator simulate`. */
export function simulateCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('simulate'))
    .description('forecast how long a sweep takes and what it costs, without training anything')
    .argument('<file>', 'the sweep file')
    .option('--workers <number>', 'slots that train at once', positiveInteger, 1)
    .option(
      '--like <sweep>',
      'an earlier sweep whose trials tell time and results (default: of the same name)',
    )
    .option('--steps <number>', 'steps of a whole trial, where no earlier sweep tells', positiveInteger)
    .option('--seconds-per-step <seconds>', 'overrules what earlier trials took', positiveNumber)
    .option('--price <amount>', 'of an hour of a slot (default: budget.pricePerGpuHour)', positiveNumber)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Examples:
  coordinator simulate sweep.yaml --workers 64
  coordinator simulate sweep.yaml --workers 16 --steps 200 --seconds-per-step 1.5 --price 2.2

The sampler, the pruner and the budgets are the sweep's own; virtual workers never fail, and report without delay.
The forecast says what it assumes.`,
    )
    .action(async (file: string, flags: Flags) => {
      const { definition } = await readSweepFile(file);
      const earlier = await readWarmStart(definition, flags);
      const { assumes, ...rest } = await trainableFor(definition, flags);
      const start = earlier.length > 0 ? [warmStartText(definition, compileSpace(definition), earlier)] : [];
      const assumed = { ...rest, assumes: [...assumes, ...start] };
      const outcome = runSimulation(definition, assumed.trainable, flags.workers, earlier);
      await show(definition, flags, outcome, assumed, output);
    });
}

interface Assumed {
  readonly trainable: VirtualTrainable;
  /** In words. */
  readonly assumes: readonly string[];
  /** Whether results differ: else the best of them says nothing. */
  readonly tellsResults: boolean;
}

async function trainableFor(definition: SweepDefinition, flags: Flags): Promise<Assumed> {
  const { like, steps = definition.search.pbt?.steps ?? 1, secondsPerStep } = flags;
  const earlier = await readEarlier(definition, flags);
  if (earlier && earlier.trials.some(({ trial }) => trial.state === 'completed')) {
    const completed = earlier.trials.filter(({ trial }) => trial.state === 'completed').length;
    return {
      trainable: trainableLike(compileSpace(definition), earlier.trials, secondsPerStep),
      tellsResults: true,
      assumes: [
        `each trial has the curve and result of the nearest of ${completed} completed trials of sweep ${earlier.name}`,
        secondsPerStep === undefined
          ? 'and takes as long as that one did (of a pack: as long as the pack)'
          : `and takes ${formatNumber(secondsPerStep)} s a step`,
      ],
    };
  }
  if (like !== undefined) throw new UsageError(`no trial of sweep "${like}" was completed`);
  if (secondsPerStep === undefined) {
    throw new UsageError(
      `no completed trial of a sweep "${definition.name}" is stored here, so --seconds-per-step must say how long training takes`,
    );
  }
  return {
    trainable: flatTrainable(definition, { steps, secondsPerStep }),
    tellsResults: false,
    assumes: [
      `every trial takes ${steps} steps of ${formatNumber(secondsPerStep)} s and comes to the same result`,
      'so goals are not reached, and a pruner sees only ties',
    ],
  };
}

/** The earlier sweep of that name, with its curves; undefined where there is none. */
async function readEarlier(
  { name, pruner, search }: SweepDefinition,
  flags: Flags,
): Promise<{ readonly name: string; readonly trials: readonly EarlierTrial[] } | undefined> {
  // Forecasts are for those too who have run nothing yet.
  const { directory, database } = storeOptions(flags);
  if (flags.like === undefined && database === undefined && !existsSync(join(directory, 'sweepyard.db')))
    return undefined;
  return await withStore(flags, async (store) => {
    const sweep = await store.findSweep(flags.like ?? name);
    if (!sweep) {
      if (flags.like !== undefined) throw new UsageError(`there is no sweep "${flags.like}"`);
      return undefined;
    }
    const earlier: EarlierTrial[] = [];
    const needsCurves = pruner !== undefined || search.pbt !== undefined;
    for (const trial of await allTrials(store, sweep.id, { states: ['completed'], limit: mostCurves })) {
      // An interval of a training tells neither how long a whole one takes nor what it comes to.
      if (pbtOriginOf(trial)) continue;
      earlier.push({ trial, reports: needsCurves ? await store.reports(trial) : [] });
    }
    return { name: sweep.definition.name, trials: earlier };
  });
}

/** The sweeps that `search.warmStart` names. */
async function readWarmStart(definition: SweepDefinition, flags: Flags): Promise<EarlierSweep[]> {
  if (definition.search.warmStart === undefined) return [];
  return await withStore(flags, (store) => readEarlierSweeps(store, { definition }));
}

function runSimulation(
  definition: SweepDefinition,
  trainable: VirtualTrainable,
  workers: number,
  earlier: readonly EarlierSweep[],
): SimulationOutcome {
  const space = compileSpace(definition);
  const sampler = createSampler(definition, space, earlier);
  const pruner =
    definition.pruner &&
    createPruner(
      definition.pruner,
      space,
      earlier.map((sweep) => earlierResults(definition, space, sweep)),
    );
  return simulate({ definition, sampler, trainable, workers, ...(pruner ? { pruner } : {}) });
}

async function show(
  definition: SweepDefinition,
  { workers, price, json }: Flags,
  { seconds, slotSeconds, book, reports, reason }: SimulationOutcome,
  { assumes, tellsResults }: Assumed,
  output: Output,
): Promise<void> {
  const { completed, pruned } = book.counts;
  const hours = slotSeconds / 3600;
  const perHour = price ?? definition.budget.pricePerGpuHour;
  const busy = seconds > 0 ? slotSeconds / (seconds * workers) : 0;
  const { rows, by: metric } = rankSweep(definition, book.trials);
  const value = tellsResults ? rows[0]?.metrics[metric]?.mean : undefined;
  if (json) {
    await output.write(
      jsonText({
        sweep: definition.name,
        workers,
        seconds,
        slotSeconds,
        cost: perHour === undefined ? null : hours * perHour,
        trials: book.size,
        completed,
        pruned,
        reports,
        busy,
        best: value === undefined ? null : { [metric]: value },
        reason: reason ?? null,
        assumes,
      }),
    );
    return;
  }
  const { name } = chooseSampler(definition, compileSpace(definition));
  const lines = [
    `${definition.name} on ${workers} ${workers === 1 ? 'slot' : 'slots'}: ${formatDuration(Math.round(seconds))}`,
    `  trials      ${book.size}: ${completed} completed, ${pruned} pruned (sampler ${name}, ${definition.pruner ? `pruner ${definition.pruner.type}` : 'no pruner'})`,
    `  GPU-hours   ${formatNumber(hours)}; slots are busy ${Math.round(100 * busy)}% of the time`,
    ...(perHour === undefined
      ? []
      : [`  cost        ${formatNumber(hours * perHour)} at ${perHour} an hour`]),
    ...(value === undefined ? [] : [`  best        ${metric} ${formatNumber(value)}`]),
    ...(reason === undefined ? [] : [`  ends        ${reason}`]),
    `  assumes     ${assumes.join(', ')}; no failures, no time between trials`,
  ];
  await output.write(`${lines.join('\n')}\n`);
}

function positiveNumber(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}
