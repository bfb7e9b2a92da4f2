import type { Command } from 'commander';
import { forecast, type Forecast } from '../../analysis/forecast.js';
import { primaryObjective } from '../../analysis/ranking.js';
import type { SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { terminalStates, type TrialState } from '../../sweep/trial.js';
import { plannedTrials } from '../../sweep/samplers.js';
import { compileSpace } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { formatDuration, formatNumber } from '../../sweep/units.js';
import { gainText, mostForGainText } from '../search/gain-text.js';
import { bestConfigurations, bestJson, selectsOnTest, type BestRow } from './output/best-view.js';
import { configurationTexts } from './output/configuration-text.js';
import { failureGroups, failureText, type FailureGroup } from './output/failures.js';
import { printOne } from './output/format.js';
import { terminalOutput, type Output } from './output/output.js';
import { readingCommand } from './output/reading.js';
import { allTrials } from './output/stored-sweep.js';
import { isoTime, oneLine } from './output/trial-view.js';
import { reasonOf, stateOf } from './output/sweep-state.js';

interface Status {
  readonly sweep: SweepRecord;
  readonly counts: Record<TrialState, number>;
  /** How many trials it will have; undefined where only a budget ends it. */
  readonly planned?: number;
  readonly best?: BestRow;
  /** What it may still gain, in words. */
  readonly gain?: string;
  readonly failures: readonly FailureGroup[];
}

export function statusCommand(output: Output = terminalOutput()): Command {
  return readingCommand(
    {
      name: 'status',
      description: 'show how far a sweep is',
      help: '  coordinator status har-gru\n  coordinator status har-gru --format json\n',
      formats: ['table', 'json', 'jsonl'],
    },
    async (store, sweep, { format }) => {
      const status = await readStatus(store, sweep);
      await printOne(output, format, { lines: () => statusLines(status), json: () => statusJson(status) });
    },
  );
}

async function readStatus(store: SweepStore, sweep: SweepRecord): Promise<Status> {
  const { definition, id } = sweep;
  const counts = await store.countTrials(id);
  const planned = plannedTrials(definition, compileSpace(definition));
  const [best] = bestConfigurations(definition, await allTrials(store, id, { states: ['completed'] }));
  const gain = await gainOf(store, sweep, counts);
  const failures = await failureGroups(store, id);
  return {
    sweep,
    counts,
    failures,
    ...(planned === undefined ? {} : { planned }),
    ...(best ? { best } : {}),
    ...(gain === undefined ? {} : { gain }),
  };
}

async function gainOf(
  store: SweepStore,
  sweep: SweepRecord,
  counts: Status['counts'],
): Promise<string | undefined> {
  const { replicates, maxReplicates = replicates } = sweep.definition;
  if (counts.completed + counts.pruned > mostForGainText * maxReplicates) return undefined;
  return gainText(sweep, await allTrials(store, sweep.id, { states: ['completed', 'pruned', 'failed'] }));
}

function ended(counts: Status['counts']): number {
  return terminalStates.reduce((sum, state) => sum + counts[state], 0);
}

function statusJson(status: Status): Record<string, unknown> {
  const { sweep, counts, planned, best, failures } = status;
  const { definition, usage } = sweep;
  return {
    name: definition.name,
    id: sweep.id,
    state: stateOf(sweep),
    reason: reasonOf(sweep) ?? null,
    trials: counts,
    ended: ended(counts),
    planned: planned ?? null,
    seconds: usage.seconds,
    slotSeconds: usage.slotSeconds,
    cost: costOf(sweep) ?? null,
    budget: definition.budget,
    forecast: forecastOf(status) ?? null,
    failures,
    best: best ? bestJson(definition, best) : null,
    gain: status.gain ?? null,
    createdAt: isoTime(sweep.createdAt),
    finishedAt: isoTime(sweep.finishedAt),
  };
}

/** When it ends and what it costs; undefined where it does not run. */
function forecastOf({ sweep, counts, planned }: Status): Forecast | undefined {
  if (stateOf(sweep) !== 'running') return undefined;
  const { seconds, slotSeconds } = sweep.usage;
  return forecast(sweep.definition.budget, { ended: ended(counts), planned, seconds, slotSeconds });
}

const endsBy: Readonly<Record<Forecast['endsBy'], string>> = {
  trials: 'all trials',
  time: 'budget.time',
  gpuHours: 'budget.gpuHours',
  cost: 'budget.cost',
};

function forecastText(found: Forecast): string {
  const cost = found.cost === undefined ? '' : `, cost ${formatNumber(found.cost)} by then`;
  return `about ${formatDuration(found.seconds)} left, ended by ${endsBy[found.endsBy]} after ${found.trials} trials${cost}`;
}

function costOf({ definition, usage }: SweepRecord): number | undefined {
  const { pricePerGpuHour } = definition.budget;
  return pricePerGpuHour === undefined ? undefined : (usage.slotSeconds / 3600) * pricePerGpuHour;
}

function statusLines(status: Status): string[] {
  const { sweep, counts, planned, best, failures } = status;
  const { definition, usage } = sweep;
  const reason = reasonOf(sweep);
  const { budget } = definition;
  const of = planned === undefined ? '' : ` of ${planned}`;
  const states = Object.entries(counts).filter(([, count]) => count > 0);
  const limit = (value: string | number | undefined): string => (value === undefined ? '' : ` of ${value}`);
  const cost = costOf(sweep);
  const lines = [
    `${definition.name} (${sweep.id}): ${stateOf(sweep)}${reason === undefined ? '' : ` (${oneLine(reason)})`}`,
    `  trials    ${ended(counts)}${of} ended${states.length === 0 ? '' : `: ${states.map(([state, count]) => `${count} ${state}`).join(', ')}`}`,
    `  ran       ${formatDuration(usage.seconds)}${limit(budget.time === undefined ? undefined : formatDuration(budget.time))}`,
    `  training  ${formatDuration(usage.slotSeconds)} over all slots${limit(budget.gpuHours === undefined ? undefined : `${budget.gpuHours} h`)}`,
  ];
  if (cost !== undefined) lines.push(`  cost      ${formatNumber(cost)}${limit(budget.cost)}`);
  const left = forecastOf(status);
  if (left) lines.push(`  forecast  ${forecastText(left)}`);
  for (const group of failures) lines.push(`  failed    ${failureText(group)}`);
  lines.push(`  best      ${bestText(definition, best)}`);
  if (status.gain !== undefined) lines.push(`  to gain   ${status.gain}`);
  return lines;
}

function bestText(definition: SweepDefinition, best: BestRow | undefined): string {
  if (!best) return 'no trial is completed yet';
  const primary = primaryObjective(definition);
  const { mean, spread } = best.metrics[primary] ?? {};
  const value = mean === undefined ? `no ${primary}` : `${primary} ${formatNumber(mean)}`;
  const noise = spread === undefined ? '' : ` ±${formatNumber(spread, 2)}`;
  const marks = [
    ...(best.broken.length > 0 ? [`infeasible: ${best.broken.join(', ')}`] : []),
    ...(selectsOnTest(definition) ? ['selected on the test set'] : []),
  ];
  const marked = marks.length === 0 ? '' : ` [${marks.join('; ')}]`;
  return `${value}${noise} with ${configurationTexts([best.parameters]).join('')}${marked}`;
}
