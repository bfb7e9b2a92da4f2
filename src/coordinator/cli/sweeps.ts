import { Command } from 'commander';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { isTerminal, type TrialState } from '../../sweep/trial.js';
import { formatDuration } from '../../sweep/units.js';
import { csvLines } from './output/csv.js';
import { formatOption, printListing, type OutputFormat } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { addStoreFlags, withStore, type StoreFlags } from './output/stored-sweep.js';
import { renderTable } from './output/table.js';
import { isoTime } from './output/trial-view.js';
import { reasonOf, stateOf } from './output/sweep-state.js';

interface Flags extends StoreFlags {
  readonly format: OutputFormat;
}

interface Listed {
  readonly sweep: SweepRecord;
  readonly counts: Record<TrialState, number>;
}

export function sweepsCommand(output: Output = terminalOutput()): Command {
  return addStoreFlags(new Command('sweeps'))
    .description('list the sweeps that are stored, newest first')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  coordinator sweeps\n  coordinator sweeps --format json\n')
    .action((flags: Flags) =>
      withStore(flags, async (store) => {
        const listed = await list(store);
        await printListing(output, flags.format, {
          json: () => listed.map(sweepJson),
          csv: () => sweepsCsv(listed),
          table: (width) => sweepsTable(listed, width),
          nothing: 'no sweep is stored here yet',
        });
      }),
    );
}

async function list(store: SweepStore): Promise<Listed[]> {
  const sweeps = await store.listSweeps();
  return Promise.all(sweeps.map(async (sweep) => ({ sweep, counts: await store.countTrials(sweep.id) })));
}

function sweepJson({ sweep, counts }: Listed): Record<string, unknown> {
  return {
    name: sweep.definition.name,
    id: sweep.id,
    state: stateOf(sweep),
    reason: reasonOf(sweep) ?? null,
    trials: counts,
    seconds: sweep.usage.seconds,
    slotSeconds: sweep.usage.slotSeconds,
    createdAt: isoTime(sweep.createdAt),
    finishedAt: isoTime(sweep.finishedAt),
  };
}

function sweepsCsv(listed: readonly Listed[]): string {
  const states = Object.keys(listed[0]?.counts ?? {}) as TrialState[];
  const header = ['name', 'id', 'state', 'reason', ...states.map((state) => `trials.${state}`)];
  const rows = listed.map(({ sweep, counts }) => [
    sweep.definition.name,
    sweep.id,
    stateOf(sweep),
    reasonOf(sweep),
    ...states.map((state) => counts[state]),
    sweep.usage.seconds,
    sweep.usage.slotSeconds,
    isoTime(sweep.createdAt) ?? undefined,
    isoTime(sweep.finishedAt) ?? undefined,
  ]);
  return csvLines([[...header, 'seconds', 'slotSeconds', 'createdAt', 'finishedAt'], ...rows]);
}

function sweepsTable(listed: readonly Listed[], width?: number): string {
  const total = (counts: Listed['counts'], ended: boolean): number =>
    Object.entries(counts).reduce(
      (sum, [state, count]) => sum + (!ended || isTerminal(state as TrialState) ? count : 0),
      0,
    );
  return renderTable(
    [
      { title: 'sweep', cells: listed.map(({ sweep }) => sweep.definition.name), importance: 9 },
      { title: 'id', cells: listed.map(({ sweep }) => sweep.id), importance: 4 },
      { title: 'state', cells: listed.map(({ sweep }) => stateOf(sweep)), importance: 8 },
      {
        title: 'ended',
        cells: listed.map(({ counts }) => `${total(counts, true)} of ${total(counts, false)}`),
        align: 'right',
        importance: 7,
      },
      {
        title: 'failed',
        cells: listed.map(({ counts }) => String(counts.failed)),
        align: 'right',
        importance: 6,
      },
      { title: 'ran', cells: listed.map(({ sweep }) => formatDuration(sweep.usage.seconds)), importance: 4 },
      {
        title: 'created',
        cells: listed.map(({ sweep }) => localTime(sweep.createdAt)),
        align: 'right',
        importance: 3,
      },
      { title: 'reason', cells: listed.map(({ sweep }) => reasonOf(sweep) ?? ''), importance: 2 },
    ],
    width,
  );
}

/** `2026-01-31 14:05`, in the time zone of who looks. */
function localTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`;
}
