import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { openStore } from '../../store/open-store.js';
import { importedMark } from '../../store/imported.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { Direction, type SweepDefinition } from '../../sweep/sweep-definition.js';
import { dataDirectory } from '../../support/directories.js';
import { messageOf, UsageError } from '../../support/errors.js';
import { inferDefinition } from '../import/infer-definition.js';
import { placeResults } from '../import/place-results.js';
import { resultOf, type Result } from '../import/results.js';
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
taken for memory, seconds for time. Rows with the same parameters are replicates. The same file a second time changes
nothing.
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
        objectivesOf,
      ),
    )
    .option('--skip-bad', 'leave rows out that do not fit, instead of refusing the file', false)
    .addHelpText('after', help)
    .action(async (file: string, flags: Flags) => {
      const text = await readText(file);
      const given = flags.sweep === undefined ? undefined : await readSweepFile(flags.sweep);
      const groups = chosen(readRows(text, file), file, flags, given !== undefined);
      const prepared = groups.map((group) => prepare(group, file, flags, given?.definition));
      await createDataDirectory(dataDirectory(flags.dir));
      const store = await openStore(storeOptions(flags));
      try {
        for (const { definition, rows, skipped } of prepared) {
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
          const left = skipped.length === 0 ? '' : `, ${skipped.length} rows left out`;
          const what = isNew
            ? `${rows.length} results stored${left}`
            : 'was imported before; nothing has changed';
          await output.write(`${definition.name} (${sweep.id}): ${what}\n`);
          for (const line of skipped) output.remark(`left out: ${line}`);
        }
      } finally {
        await store.close();
      }
    });
}

function objectivesOf(text: string): Record<string, Direction> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [name = '', direction = ''] = part.split('=').map((word) => word.trim());
      if (name === '' || (direction !== Direction.Maximize && direction !== Direction.Minimize))
        throw new InvalidArgumentError(`"${part}" must be name=maximize or name=minimize.`);
      return [name, direction];
    }),
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} can not be read: ${messageOf(error)}`, { cause: error });
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

interface Prepared {
  readonly definition: SweepDefinition;
  readonly rows: readonly Result[];
  readonly skipped: readonly string[];
}

const mostShown = 20;

/** The sweep and its results; throws `UsageError` with all that is wrong. */
function prepare(
  { key, rows }: RowGroup,
  file: string,
  flags: Flags,
  given: SweepDefinition | undefined,
): Prepared {
  const { objectives, name, skipBad } = flags;
  const metrics = objectives ?? given?.objectives;
  const read = rows.map((row) =>
    resultOf(row, {
      ...(given ? { parameters: new Set([...Object.keys(given.space), ...Object.keys(given.fixed)]) } : {}),
      ...(objectives && !given ? { metrics: new Set(Object.keys(objectives)) } : {}),
    }),
  );
  if (read.length === 0) throw new UsageError(`${file} has no results`);
  const called = name ?? given?.name ?? nameOf(key ?? basename(file).replace(/\.[^.]*$/, ''));
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(called))
    throw new UsageError(`--name: "${called}" must be letters, digits, - and _, at most 64`);
  const definition = given
    ? { ...given, name: called, objectives: metrics ?? given.objectives }
    : inferDefinition(called, read, objectives);
  const { problems } = placeResults(definition, read, 0);
  if (problems.length === 0) return { definition, rows: read, skipped: [] };
  if (!skipBad) {
    const more = problems.length > mostShown ? `\n  ... and ${problems.length - mostShown} more` : '';
    throw new UsageError(
      `${file} does not fit (--skip-bad leaves these rows out):\n  ${problems.slice(0, mostShown).join('\n  ')}${more}`,
    );
  }
  const bad = new Set(problems.map((problem) => problem.slice(0, problem.indexOf(':'))));
  const kept = read.filter(({ place }) => !bad.has(place));
  if (kept.length === 0) throw new UsageError(`${file}: no row fits: ${problems[0]}`);
  return { definition, rows: kept, skipped: problems };
}

function nameOf(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 64) || 'imported';
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
