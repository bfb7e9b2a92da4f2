import type { z } from 'zod';
import type { TrialState } from '../../../sweep/trial.js';
import type { TrialsAnswer, trialsQuery } from '../../api/trials.js';
import { sortRows } from '../table/sorted-rows.js';
import { code } from '../table/trial-table.js';
import { trialView } from '../views.js';
import type { SweepContext } from './context.js';

/** One page of the table of trials. */
export async function trialsPage(
  context: SweepContext,
  { where, state, sort, limit, offset }: z.output<typeof trialsQuery>,
): Promise<TrialsAnswer> {
  const { revision } = context;
  const rows = sortedRows(context, where, state, sort);
  const page = rows.subarray(offset, offset + limit);
  const trials = await context.store.trialsOf(context.sweep.id, Array.from(page));
  const byNumber = new Map(trials.map((trial) => [trial.number, trial]));
  return {
    revision,
    total: rows.length,
    trials: Array.from(page).flatMap((row) => {
      const trial = byNumber.get(row);
      return trial ? [trialView(trial)] : [];
    }),
  };
}

export function sortedRows(
  context: SweepContext,
  where: string | undefined,
  state: TrialState | undefined,
  sort: string,
): Int32Array {
  const descending = sort.startsWith('-');
  const column = context.column(descending ? sort.slice(1) : sort);
  return context.live.keep(`sorted ${sort} ${state ?? ''} ${where ?? ''}`, () => {
    const all = context.rows(where);
    const states = context.table.state.values;
    const wanted = state === undefined ? all : all.filter((row) => states[row] === code[state]);
    return sortRows(wanted, column, descending);
  });
}
