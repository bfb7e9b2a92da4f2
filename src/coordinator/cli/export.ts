import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { messageOf, UserFacingError } from '../../support/errors.js';
import { terminalOutput, type Output } from './output/output.js';
import {
  addStoreFlags,
  findStoredSweep,
  trialPages,
  withStore,
  type StoreFlags,
} from './output/stored-sweep.js';
import { metricNames, TrialCsv, trialJson } from './output/trial-view.js';

interface Flags extends StoreFlags {
  readonly format: 'csv' | 'json';
  readonly output?: string;
}

const help = `
Examples:
  coordinator export har-gru > trials.csv
  coordinator export har-gru --format json -o trials.json
`;

export function exportCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('export'))
    .description('write all trials of a sweep, with everything known of them')
    .argument('[sweep]', 'name or id; the newest sweep where it is left out')
    .addOption(new Option('--format <format>', 'what to write').choices(['csv', 'json']).default('csv'))
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .addHelpText('after', help)
    .action((reference: string | undefined, flags: Flags) =>
      withStore(flags, async (store) => {
        const sweep = await findStoredSweep(store, reference);
        const text = flags.format === 'csv' ? csvText(store, sweep) : jsonLines(store, sweep);
        if (flags.output === undefined) {
          for await (const chunk of text) await output.write(chunk);
        } else {
          await toFile(flags.output, text);
          output.remark(`${sweep.definition.name} written to ${flags.output}`);
        }
      }),
    );
}

async function* csvText(store: SweepStore, { id, definition }: SweepRecord): AsyncGenerator<string> {
  // The header needs the names of all metrics, so the trials are read twice rather than kept.
  const seen: Record<string, number> = {};
  for await (const page of trialPages(store, id))
    for (const { metrics } of page) Object.assign(seen, metrics);
  const csv = new TrialCsv(definition, metricNames(definition, [{ metrics: seen }]));
  yield csv.header();
  for await (const page of trialPages(store, id)) yield csv.lines(page);
}

/** One array, one trial a line. */
async function* jsonLines(store: SweepStore, { id }: SweepRecord): AsyncGenerator<string> {
  let separator = '[';
  for await (const page of trialPages(store, id)) {
    for (const trial of page) {
      yield `${separator}\n${JSON.stringify({ ...trialJson(trial), details: trial.details ?? null })}`;
      separator = ',';
    }
  }
  yield separator === '[' ? '[]\n' : '\n]\n';
}

/** All of it or nothing: written beside the file and put in its place at the end. */
async function toFile(path: string, text: AsyncIterable<string>): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    await pipeline(text, createWriteStream(partial, { flags: 'wx' }));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    if (error instanceof UserFacingError) throw error;
    throw new UserFacingError(`${path} can not be written: ${messageOf(error)}`, undefined, { cause: error });
  }
}
