import type { SweepStore } from '../../../store/sweep-store.js';
import type { Parameters } from '../../../sweep/parameter.js';
import { pbtOriginOf } from '../../../sweep/pbt.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import type { Trial } from '../../../sweep/trial.js';
import { formatNumber } from '../../../sweep/units.js';
import { renderTable } from './table.js';
import { showParameter } from './trial-view.js';

/** With population-based training: what was trained from the beginning on to come to a trial. */
export interface ScheduleEntry {
  readonly trial: number;
  /** The step after which these parameters held. */
  readonly after: number;
  /** The last step for which they held; absent: to the end. */
  readonly until?: number;
  readonly parameters: Parameters;
}

/** The intervals that led to a trial, its own last; none where it is a training of its own. */
export async function readSchedule(store: SweepStore, trial: Trial): Promise<ScheduleEntry[]> {
  const entries: ScheduleEntry[] = [];
  let next: Trial | undefined = pbtOriginOf(trial) && trial;
  while (next) {
    const { from, until } = pbtOriginOf(next) ?? {};
    const before: Trial | undefined =
      from === undefined ? undefined : await store.trial({ sweepId: trial.sweepId, number: from });
    entries.unshift({
      trial: next.number,
      after: before?.lastStep ?? 0,
      ...(until === undefined ? {} : { until: next.lastStep ?? until }),
      parameters: next.parameters,
    });
    next = before;
  }
  return entries;
}

/** A table: which parameters held from which step to which. */
export function scheduleLines(definition: SweepDefinition, entries: readonly ScheduleEntry[]): string[] {
  const steps = entries.map(({ after, until }) =>
    until === undefined
      ? `${formatNumber(after)} to the end`
      : `${formatNumber(after)} to ${formatNumber(until)}`,
  );
  const names = Object.keys(definition.space).filter((name) =>
    entries.some(({ parameters }) => parameters[name] !== undefined),
  );
  const table = renderTable([
    { title: 'steps', cells: steps },
    { title: 'trial', cells: entries.map(({ trial }) => String(trial)), align: 'right' },
    ...names.map((name) => ({
      title: name,
      cells: entries.map(({ parameters }) =>
        parameters[name] === undefined ? '' : showParameter(parameters[name]),
      ),
      align: 'right' as const,
    })),
  ]);
  return table.trimEnd().split('\n');
}
