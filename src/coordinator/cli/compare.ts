import { Command } from 'commander';
import { rankMembers } from '../../analysis/ranking.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import type { Trial } from '../../sweep/trial.js';
import { formatDuration, formatNumber } from '../../sweep/units.js';
import { csvLines, type CsvCell } from './output/csv.js';
import { formatOption, printListing, type OutputFormat } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import {
  addStoreFlags,
  allTrials,
  findStoredSweep,
  withStore,
  type StoreFlags,
} from './output/stored-sweep.js';
import { renderTable } from './output/table.js';
import { metricNames } from './output/trial-view.js';
import { findTrial } from './trial.js';

interface Flags extends StoreFlags {
  readonly format: OutputFormat;
  readonly sweep?: string;
}

/** One column of the comparison: values by row, in the order of the rows. */
interface Compared {
  readonly title: string;
  readonly values: ReadonlyMap<string, CsvCell>;
}

const help = `
Examples:
  coordinator compare har-gru har-lstm
  coordinator compare 7 12 --sweep har-gru
  coordinator compare har-gru:7 har-lstm:3

Two or more sweeps, or trials of one sweep (numbers) or of several (SWEEP:NUMBER).
`;

export function compareCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('compare'))
    .description('show sweeps or trials beside each other')
    .argument('<what...>', 'sweeps, or numbers of trials, or SWEEP:NUMBER')
    .option('--sweep <sweep>', 'whose trials the numbers are (default: the newest sweep)')
    .addOption(formatOption())
    .addHelpText('after', help)
    .action((names: readonly string[], flags: Flags) =>
      withStore(flags, async (store) => {
        const columns: Compared[] = [];
        for (const name of names) columns.push(await readOne(store, name, flags.sweep));
        const rows = [...new Set(columns.flatMap(({ values }) => [...values.keys()]))];
        await printListing(output, flags.format, {
          json: () => columns.map(({ title, values }) => ({ name: title, ...Object.fromEntries(values) })),
          csv: () =>
            csvLines([
              ['', ...columns.map(({ title }) => title)],
              ...rows.map((row) => [row, ...columns.map(({ values }) => values.get(row))]),
            ]),
          table: (width) => comparisonTable(rows, columns, width),
          nothing: 'nothing to compare',
        });
      }),
    );
}

async function readOne(store: SweepStore, name: string, sweep: string | undefined): Promise<Compared> {
  const isSweep = !/^\d+$/.test(name) && (sweep === undefined || (await store.findSweep(name)) !== undefined);
  const parts = /^(.*):(\d+)$/.exec(name);
  if (parts?.[1] !== undefined && parts[2] !== undefined)
    return trialColumn(store, await findStoredSweep(store, parts[1]), parts[2], name);
  if (isSweep) return sweepColumn(store, await findStoredSweep(store, name));
  return trialColumn(store, await findStoredSweep(store, sweep), name, `trial ${name}`);
}

async function trialColumn(
  store: SweepStore,
  sweep: SweepRecord,
  number: string,
  title: string,
): Promise<Compared> {
  const trial = await findTrial(store, sweep, number);
  return { title, values: new Map([...trialValues(sweep, trial)]) };
}

function* trialValues({ definition }: SweepRecord, trial: Trial): Generator<[string, CsvCell]> {
  yield ['state', trial.state];
  for (const name of Object.keys(definition.space)) yield [name, trial.parameters[name]];
  for (const name of metricNames(definition, [trial])) yield [name, trial.metrics[name]];
  yield ['seed', trial.seed];
  yield ['attempts', trial.attempts];
  if (trial.startedAt !== undefined && trial.finishedAt !== undefined)
    yield ['took', formatDuration((trial.finishedAt - trial.startedAt) / 1000)];
}

async function sweepColumn(store: SweepStore, sweep: SweepRecord): Promise<Compared> {
  const { definition, id, usage } = sweep;
  const counts = await store.countTrials(id);
  const trials = await allTrials(store, id, { states: ['completed'] });
  const { rows, by } = rankMembers(definition, trials);
  const best = rows[0];
  const values = new Map<string, CsvCell>([
    ['state', sweep.state],
    ['trials', Object.values(counts).reduce((sum, count) => sum + count, 0)],
    ['completed', counts.completed],
    ['failed', counts.failed],
    ['configurations', rows.length],
    ['ran', formatDuration(usage.seconds)],
    ['training', formatDuration(usage.slotSeconds)],
    [`best ${by}`, best?.metrics[by]?.mean],
    ['± seeds', best?.metrics[by]?.spread],
    ['P(best)', best?.prospect?.probabilityBest],
  ]);
  for (const [name, summary] of Object.entries(best?.metrics ?? {}))
    if (name !== by) values.set(name, summary.mean);
  for (const [name, value] of Object.entries(best?.parameters ?? {})) values.set(name, value);
  return { title: `${definition.name} (${id})`, values };
}

function comparisonTable(
  rows: readonly string[],
  columns: readonly Compared[],
  width: number | undefined,
): string {
  const text = (value: CsvCell): string =>
    value === undefined ? '-' : typeof value === 'number' ? formatNumber(value, 5) : String(value);
  const differs = rows.map((row) => new Set(columns.map(({ values }) => text(values.get(row)))).size > 1);
  return renderTable(
    [
      { title: '', cells: rows.map((row, i) => `${differs[i] === true ? '*' : ' '} ${row}`), importance: 9 },
      ...columns.map(({ title, values }) => ({
        title,
        cells: rows.map((row) => text(values.get(row))),
        align: 'right' as const,
        importance: 8,
      })),
    ],
    width,
  );
}
