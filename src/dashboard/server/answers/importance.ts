import type { z } from 'zod';
import { parameterImportance } from '../../../analysis/importance.js';
import type { ImportanceAnswer, importanceQuery } from '../../api/views.js';
import { code } from '../table/trial-table.js';
import type { SweepContext } from './context.js';

/** Trials that a model is made from, at most: more make it slow and hardly better. */
const mostTrials = 1_000;

/** Which parameters matter, as `coordinator importance` says. */
export async function importance(
  context: SweepContext,
  query: z.output<typeof importanceQuery>,
): Promise<ImportanceAnswer> {
  const { table, revision } = context;
  const metric = query.metric ?? context.primary;
  const { values } = context.metric(metric);
  const rows = context
    .rows(undefined)
    .filter((row) => table.state.values[row] === code.completed && !Number.isNaN(values[row]));
  const stride = Math.max(1, rows.length / mostTrials);
  const numbers = Array.from(
    { length: Math.min(rows.length, mostTrials) },
    (_, index) => rows[Math.floor(index * stride)] as number,
  );
  const trials = await context.store.trialsOf(context.sweep.id, numbers);
  const found = parameterImportance(context.sweep.definition, trials, metric);
  return {
    revision,
    metric,
    configurations: found?.configurations ?? 0,
    ...(found && { explained: found.explained }),
    parameters: [...(found?.parameters ?? [])],
    interactions: (found?.interactions ?? []).map(({ names, share }) => ({ names: [...names], share })),
  };
}
