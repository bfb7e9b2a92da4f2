import { Command, InvalidArgumentError, type Option } from 'commander';
import { rankSweep, type RankedConfiguration } from '../../../analysis/ranking.js';
import { didYouMean } from '../../../sweep/nearest.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';
import type { SweepRecord, SweepStore, TrialQuery } from '../../../store/sweep-store.js';
import { UsageError } from '../../../support/errors.js';
import { formatOption, type OutputFormat } from './format.js';
import { addStoreFlags, allTrials, findStoredSweep, withStore, type StoreFlags } from './stored-sweep.js';
import { metricNames } from './trial-view.js';
import { compileWhere } from './where.js';

/** Flags of commands that show what is known of a sweep. */
export interface ReadingFlags extends StoreFlags {
  readonly format: OutputFormat;
  readonly where?: string;
}

export interface ReadingCommand {
  readonly name: string;
  readonly description: string;
  /** Examples, and what else the help says. */
  readonly help: string;
  /** What `--where` filters; without it there is no such flag. */
  readonly where?: 'trials' | 'configurations';
  readonly options?: readonly Option[];
  /** What `--format` may say; empty for commands without it. @default all */
  readonly formats?: readonly OutputFormat[];
}

/** A command over one stored sweep: `[sweep] --where --format --dir --database`. */
export function readingCommand<Flags extends ReadingFlags>(
  { name, description, help, where, options = [], formats }: ReadingCommand,
  run: (store: SweepStore, sweep: SweepRecord, flags: Flags) => Promise<void>,
): Command {
  const command = addStoreFlags(new Command(name))
    .description(description)
    .argument('[sweep]', 'name or id; the newest sweep where it is left out')
    .addHelpText('after', `\nExamples:\n${help}`);
  if (formats?.length !== 0) command.addOption(formatOption(...(formats ?? [])));
  if (where) command.option('--where <expression>', `only ${where} for which this is true`);
  for (const option of options) command.addOption(option);
  return command.action((reference: string | undefined, flags: Flags) =>
    withStore(flags, async (store) => run(store, await findStoredSweep(store, reference), flags)),
  );
}

/** For flags that count. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('must be a whole number above 0.');
  return value;
}

/** Trials for which `--where` holds; all of them without it. Throws `UsageError`. */
export async function trialsWhere(
  store: SweepStore,
  { id, definition }: SweepRecord,
  text: string | undefined,
  query: TrialQuery = {},
): Promise<Trial[]> {
  const trials = await allTrials(store, id, query);
  if (text === undefined) return trials;
  return trials.filter(trialTest(definition, metricNames(definition, trials), text));
}

/** Whether `--where` holds for a trial. @param metrics names that it may have. @throws {UsageError} */
export function trialTest(
  definition: SweepDefinition,
  metrics: readonly string[],
  text: string,
): (trial: Trial) => boolean {
  const fields = { number: 0, configuration: 0, replicate: 0, seed: 0, state: '' };
  const where = compileWhere(text, definition, metrics, fields);
  return ({ number, configuration, replicate, seed, state, parameters, metrics }) =>
    where.matches({ number, configuration, replicate, seed, state, ...parameters, ...metrics });
}

/** Configurations whose means make `--where` true; all of them without it. Throws `UsageError`. */
export function configurationsWhere<Row extends RankedConfiguration>(
  definition: SweepDefinition,
  rows: readonly Row[],
  text: string | undefined,
): readonly Row[] {
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

/** Trials of the configurations that make `--where` true. */
export async function trialsOfConfigurations(
  store: SweepStore,
  sweep: SweepRecord,
  text: string | undefined,
): Promise<Trial[]> {
  const trials = await allTrials(store, sweep.id, { states: ['completed'] });
  if (text === undefined) return trials;
  const { rows } = rankSweep(sweep.definition, trials);
  return configurationsWhere(sweep.definition, rows, text).flatMap((row) => row.trials);
}

/** An objective by its flag; the primary one without it. */
export function objectiveNamed(definition: SweepDefinition, flag: string, name?: string): string {
  const objectives = Object.keys(definition.objectives);
  if (name === undefined) return objectives[0] ?? '';
  if (objectives.includes(name)) return name;
  const hint = didYouMean(name, objectives);
  throw new UsageError(`${flag}: "${name}" is not an objective${hint}; there are ${objectives.join(', ')}`);
}
