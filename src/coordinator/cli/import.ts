import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { openStore } from '../../store/open-store.js';
import { importedMark } from '../../store/imported.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import type { Direction, SweepDefinition } from '../../sweep/sweep-definition.js';
import { dataDirectory } from '../../support/directories.js';
import { messageOf, UsageError } from '../../support/errors.js';
import { parseObjectives } from '../import/objectives-flag.js';
import { placeResults } from '../import/place-results.js';
import { prepareResults } from '../import/prepare-results.js';
import type { Result } from '../import/results.js';
import { readRows, type RowGroup } from '../import/rows.js';
import { createDataDirectory } from '../session.js';
import { terminalOutput, type Output } from './output/output.js';
import { addStoreFlags, storeOptions, type StoreFlags } from './output/stored-sweep.js';
import { readSweepFile } from './sweep-file.js';

interface Flags extends StoreFlags {
  readonly sweep?: string;
  readonly name?: string;
  readonly only?: string;
  readonly objectives?: Readonly<Record<string, Direction>>;
  readonly skipBad: boolean;
}

const help = `
Examples:
  coordinator import results.csv --name yesterday
  coordinator import train.log --sweep sweep.yaml
  coordinator import published.json --only nhidden-bs800 --sweep configs/har-gru-nhidden.yaml
  coordinator import results.json --objectives accuracy=maximize,memory=minimize

Reads JSON (a list of objects, or an object of such lists: a sweep each), JSON lines, CSV with a header, and logs with
lines RESULT {...}. With --sweep parameters are those of that file, and every row is checked against it; without it
what changes is searched, and what looks like a metric (accuracy, loss, memory, time, ...) is one. memoryBytes is
taken for memory, seconds for time. Rows with the same parameters are replicates. A column state may say what came of a
trial, also in the words of other tools (COMPLETE, PRUNED, FAIL, ...); trials that have not ended are left out. The same
file a second time changes nothing.
`;

export function importCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('import'))
    .description('store results from elsewhere as a completed sweep')
    .argument('<file>', 'the results')
    .option('--sweep <file>', 'the sweep file that they belong to')
    .option(
      '--name <name>',
      'what the sweep is called (default: as in the sweep file, else the file or its key)',
    )
    .option('--only <key>', 'of several sweeps in a file this one')
    .addOption(
      new Option('--objectives <list>', 'metrics and directions, e.g. accuracy=maximize').argParser(
        parseObjectives,
      ),
    )
    .option('--skip-bad', 'leave rows out that do not fit, instead of refusing the file', false)
    .addHelpText('after', help)
    .action(async (file: string, flags: Flags) => {
      const text = await readText(file);
      const given = flags.sweep === undefined ? undefined : await readSweepFile(flags.sweep);
      const groups = chosen(readRows(text, file), file, flags, given !== undefined);
      const fileName = basename(file).replace(/\.[^.]*$/, '');
      const { name, objectives, skipBad } = flags;
      const prepared = groups.map((group) =>
        prepareResults(group, {
          file,
          fileName,
          skipBad,
          ...(name === undefined ? {} : { name }),
          ...(given ? { given: given.definition } : {}),
          ...(objectives ? { objectives } : {}),
        }),
      );
      await createDataDirectory(dataDirectory(flags.dir));
      const store = await openStore(storeOptions(flags));
      try {
        for (const { definition, rows, skipped, remarks } of prepared) {
          const digest = createHash('sha256')
            .update(JSON.stringify([definition, rows.map(identity)]))
            .digest('hex');
          const source = `${importedMark}${basename(file)}, ${rows.length} results, sha256 ${digest}\n${given?.source ?? ''}`;
          const { sweep, isNew } = await write(
            store,
            definition,
            source,
            rows,
            `imported from ${basename(file)}`,
          );
          const left = skipped.length === 0 ? '' : `, ${counted(skipped.length, 'row')} left out`;
          const what = isNew
            ? `${counted(rows.length, 'result')} stored${left}`
            : 'was imported before; nothing has changed';
          await output.write(`${definition.name} (${sweep.id}): ${what}\n`);
          for (const line of remarks) output.remark(line);
          for (const line of skipped) output.remark(`left out: ${line}`);
        }
      } finally {
        await store.close();
      }
    });
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function chosen(
  groups: readonly RowGroup[],
  file: string,
  { only, name }: Flags,
  hasSweep: boolean,
): readonly RowGroup[] {
  const keys = groups.flatMap(({ key }) => key ?? []);
  if (only !== undefined) {
    const found = groups.find(({ key }) => key === only);
    if (!found)
      throw new UsageError(`--only: ${file} has no "${only}"; there are ${keys.join(', ') || 'no keys'}`);
    return [found];
  }
  if (groups.length > 1 && (hasSweep || name !== undefined))
    throw new UsageError(`${file} has several sweeps; --only says which one is meant: ${keys.join(', ')}`);
  return groups;
}

/** What makes a result the same one, wherever it stands. */
function identity({ parameters, metrics, broken, details, state, seed }: Result): unknown {
  return { parameters, metrics, broken, details, state, seed };
}

/** Stores the sweep, or goes on where an import was cut off. */
async function write(
  store: SweepStore,
  definition: SweepDefinition,
  source: string,
  rows: readonly Result[],
  reason: string,
): Promise<{ sweep: SweepRecord; isNew: boolean }> {
  const stored = (await store.listSweeps()).find((sweep) => sweep.source === source);
  if (stored?.state === 'completed') return { sweep: stored, isNew: false };
  const sweep = stored ?? (await store.createSweep({ definition, source }));
  const now = Date.now();
  const { trials, results } = placeResults(definition, rows, now);
  await store.addTrials(sweep.id, trials);
  const started = results.map(({ number }) => ({ number, attempt: 1, workerId: 'imported', startedAt: now }));
  await store.record({ sweepId: sweep.id, started, results });
  const slotSeconds = rows.reduce((sum, { metrics }) => sum + Math.max(0, metrics['time'] ?? 0), 0);
  await store.addUsage(sweep.id, { seconds: 0, slotSeconds });
  await store.setSweepState(sweep.id, 'completed', reason);
  return { sweep, isNew: true };
}
