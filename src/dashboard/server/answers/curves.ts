import type { z } from 'zod';
import type { ReportRecord } from '../../../store/sweep-store.js';
import { Direction } from '../../../sweep/sweep-definition.js';
import type { CurvesAnswer, curvesQuery } from '../../api/views.js';
import { quantile } from '../table/means.js';
import { code, states } from '../table/trial-table.js';
import type { SweepContext } from './context.js';

/** Points of a curve, about. */
const mostPoints = 150;

/**
 * Learning curves: the best trials, those that run, and of the others as many as there is room for, evenly over the
 * sweep. Reports are read for these alone.
 */
export async function curves(
  context: SweepContext,
  query: z.output<typeof curvesQuery>,
): Promise<CurvesAnswer> {
  const { table, revision } = context;
  const metric = query.metric ?? context.primary;
  const reported = context.rows(query.where).filter((row) => !Number.isNaN(table.step.values[row]));
  const chosen = choose(context, metric, reported, query.most);
  const steps = chosen.reduce((most, row) => Math.max(most, table.step.values[row] as number), 1);
  const every = Math.max(1, Math.floor(steps / mostPoints));
  const numbers = Array.from(chosen);
  const [reports, trials] = await Promise.all([
    context.store.reportsOf(context.sweep.id, numbers, every),
    context.store.trialsOf(context.sweep.id, numbers),
  ]);
  const reasons = new Map(trials.map((trial) => [trial.number, trial.failure?.message ?? trial.reason]));
  const byTrial = curvesOf(reports, metric);
  const found = numbers.flatMap((number) => {
    const points = [...(byTrial.get(number) ?? [])].sort(([a], [b]) => a - b);
    if (points.length === 0) return [];
    const reason = reasons.get(number);
    return [
      {
        number,
        state: states[table.state.values[number] as number] ?? 'queued',
        ...(reason !== undefined && { reason }),
        steps: points.map(([step]) => step),
        values: points.map(([, value]) => value),
      },
    ];
  });
  return { revision, metric, total: reported.length, curves: found, bands: bandsOf(found) };
}

/** A trial's curve is the union over its attempts, later attempts winning: they go on from where others ended. */
function curvesOf(reports: readonly ReportRecord[], metric: string): Map<number, Map<number, number>> {
  const curves = new Map<number, Map<number, number>>();
  for (const { number, step, metrics } of reports) {
    const value = metrics[metric];
    if (value === undefined) continue;
    const curve = curves.get(number) ?? new Map<number, number>();
    curves.set(number, curve.set(step, value));
  }
  return curves;
}

function choose(context: SweepContext, metric: string, rows: Int32Array, most: number): Int32Array {
  if (rows.length <= most) return rows;
  const { table } = context;
  const values = context.metric(metric).values;
  const sign = context.direction(metric) === Direction.Maximize ? -1 : 1;
  const cost = (row: number): number => {
    const value = values[row] as number;
    return Number.isNaN(value) ? Infinity : sign * value;
  };
  const running = rows.filter((row) => table.state.values[row] === code.running).subarray(0, most >> 2);
  const best = Array.from(rows)
    .filter((row) => table.state.values[row] === code.completed)
    .sort((a, b) => cost(a) - cost(b))
    .slice(0, most >> 2);
  const chosen = new Set([...running, ...best]);
  const stride = rows.length / (most - chosen.size);
  for (let at = 0; chosen.size < most && at < rows.length; at += stride)
    chosen.add(rows[Math.floor(at)] as number);
  return Int32Array.from(chosen).sort();
}

function bandsOf(found: CurvesAnswer['curves']): CurvesAnswer['bands'] {
  const values = new Map<number, number[]>();
  for (const curve of found) {
    curve.steps.forEach((step, index) => {
      const list = values.get(step) ?? [];
      list.push(curve.values[index] ?? 0);
      values.set(step, list);
    });
  }
  return [...values]
    .filter(([, list]) => list.length >= 4)
    .sort(([a], [b]) => a - b)
    .map(([step, list]) => {
      const sorted = list.sort((a, b) => a - b);
      return {
        step,
        n: sorted.length,
        low: quantile(sorted, 0.25),
        middle: quantile(sorted, 0.5),
        high: quantile(sorted, 0.75),
      };
    });
}
