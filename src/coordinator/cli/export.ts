import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import type { Trial } from '../../sweep/trial.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { messageOf, UsageError, UserFacingError } from '../../support/errors.js';
import { terminalOutput, type Output } from './output/output.js';
import { trialsParquet } from './output/parquet.js';
import { trialsWhere } from './output/reading.js';
import {
  addStoreFlags,
  findStoredSweep,
  trialPages,
  withStore,
  type StoreFlags,
} from './output/stored-sweep.js';
import { metricNames, TrialCsv, trialJson } from './output/trial-view.js';

const formats = ['csv', 'json', 'jsonl', 'parquet'] as const;
type Format = (typeof formats)[number];

interface Flags extends StoreFlags {
  readonly format?: Format;
  readonly output?: string;
  readonly where?: string;
}

const help = `
Examples:
  coordinator export har-gru > trials.csv
  coordinator export har-gru -o trials.json
  coordinator export har-gru --where 'state == "completed"' -o trials.parquet

The format is that of the file's name where --format is left out, else csv.
`;

export function exportCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('export'))
    .description('write all trials of a sweep, with everything known of them')
    .argument('[sweep]', 'name or id; the newest sweep where it is left out')
    .addOption(new Option('--format <format>', 'what to write').choices([...formats]))
    .option('--where <expression>', 'only trials for which this is true')
    .option('-o, --output <file>', 'write to this file instead of standard output')
    .addHelpText('after', help)
    .action((reference: string | undefined, flags: Flags) =>
      withStore(flags, async (store) => {
        const sweep = await findStoredSweep(store, reference);
        const format = flags.format ?? formatOf(flags.output);
        const chunks = write[format](sweep, await pagesOf(store, sweep, flags.where));
        if (flags.output !== undefined) {
          await toFile(flags.output, chunks);
          output.remark(`${sweep.definition.name} written to ${flags.output}`);
        } else if (format === 'parquet') {
          throw new UsageError('--format parquet needs a file: -o trials.parquet');
        } else {
          for await (const chunk of chunks) await output.write(String(chunk));
        }
      }),
    );
}

function formatOf(file: string | undefined): Format {
  const extension = extname(file ?? '')
    .slice(1)
    .toLowerCase();
  return formats.find((format) => format === extension) ?? 'csv';
}

/** Trials in pages, which can be read as often as it takes. */
type Pages = () => AsyncIterable<readonly Trial[]>;

async function pagesOf(store: SweepStore, sweep: SweepRecord, where: string | undefined): Promise<Pages> {
  if (where === undefined) return () => trialPages(store, sweep.id);
  const trials = await trialsWhere(store, sweep, where);
  return () => Readable.from([trials]);
}

type Write = (sweep: SweepRecord, pages: Pages) => AsyncIterable<string | Uint8Array>;
const write: Readonly<Record<Format, Write>> = {
  csv: csvText,
  json: (_, pages) => jsonText(pages),
  jsonl: (_, pages) => jsonLines(pages),
  parquet: parquetBytes,
};

async function* csvText({ definition }: SweepRecord, pages: Pages): AsyncGenerator<string> {
  const csv = new TrialCsv(definition, await allMetrics(definition, pages));
  yield csv.header();
  for await (const page of pages()) yield csv.lines(page);
}

/** The header needs the names of all metrics, so the trials are read twice rather than kept. */
async function allMetrics(definition: SweepRecord['definition'], pages: Pages): Promise<string[]> {
  const seen: Record<string, number> = {};
  for await (const page of pages()) for (const { metrics } of page) Object.assign(seen, metrics);
  return metricNames(definition, [{ metrics: seen }]);
}

async function* parquetBytes({ definition }: SweepRecord, pages: Pages): AsyncGenerator<Uint8Array> {
  const metrics = await allMetrics(definition, pages);
  const trials: Trial[] = [];
  for await (const page of pages()) trials.push(...page);
  yield trialsParquet(definition, trials, metrics);
}

/** One array, one trial a line. */
async function* jsonText(pages: Pages): AsyncGenerator<string> {
  let separator = '[';
  for await (const line of jsonLines(pages)) {
    yield `${separator}\n${line.trimEnd()}`;
    separator = ',';
  }
  yield separator === '[' ? '[]\n' : '\n]\n';
}

async function* jsonLines(pages: Pages): AsyncGenerator<string> {
  for await (const page of pages())
    for (const trial of page)
      yield `${JSON.stringify({ ...trialJson(trial), details: trial.details ?? null })}\n`;
}

/** All of it or nothing: written beside the file and put in its place at the end. */
export async function toFile(
  path: string,
  chunks: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>,
): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    await pipeline(chunks, createWriteStream(partial, { flags: 'wx' }));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    if (error instanceof UserFacingError) throw error;
    throw new UserFacingError(`${path} cannot be written: ${messageOf(error)}`, undefined, { cause: error });
  }
}
