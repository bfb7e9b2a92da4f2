import type { ReportRecord } from '../../store/sweep-store.js';
import type { Space } from '../../sweep/space.js';
import type { SweepDefinition } from '../../sweep/sweep-definition.js';
import { TrialState, type Metrics, type Trial } from '../../sweep/trial.js';
import type { VirtualTrainable, VirtualTrial } from './virtual-trainable.js';

/** A trial of an earlier sweep and its curve. */
export interface EarlierTrial {
  readonly trial: Trial;
  readonly reports: readonly ReportRecord[];
}

/** What forecasts go by where no earlier sweep says it. */
export interface Flat {
  readonly steps: number;
  readonly secondsPerStep: number;
}

/** Every trial takes the same time and comes to the same: only time and cost are forecast. */
export function flatTrainable(
  { objectives }: SweepDefinition,
  { steps, secondsPerStep }: Flat,
): VirtualTrainable {
  const metrics: Metrics = Object.fromEntries(Object.keys(objectives).map((name) => [name, 0]));
  return () => ({
    reports: steps,
    report: (index) => ({ step: index + 1, metrics }),
    seconds: () => secondsPerStep,
  });
}

/**
 * A trial is what the nearest completed trial of an earlier sweep was: its curve, its result and its time. Near: by the
 * places of the parameters in the present space. A parameter that the earlier trial lacks is at distance 1, and so is
 * another value of a choice, whose values have no order.
 * @param secondsPerStep overrules the time that earlier trials took
 * @throws RangeError where none of them was completed
 */
export function trainableLike(
  space: Space,
  earlier: readonly EarlierTrial[],
  secondsPerStep?: number,
): VirtualTrainable {
  const known = earlier
    .filter(({ trial }) => trial.state === TrialState.Completed)
    .map((entry) => ({ point: place(space, entry.trial), run: runOf(entry, secondsPerStep) }));
  if (known.length === 0) throw new RangeError('no trial of the earlier sweep was completed');
  return (trial) => {
    const point = place(space, trial);
    let nearest = known[0];
    let least = Infinity;
    for (const entry of known) {
      const distance = distanceOf(point, entry.point);
      if (distance < least) [least, nearest] = [distance, entry];
    }
    return nearest?.run as VirtualTrial;
  };
}

/** One coordinate of a trial; undefined where it lacks the parameter, or has a value that this one can't have. */
type Place = { readonly u: number; readonly isOrdered: boolean } | undefined;

function place(space: Space, { parameters }: Pick<Trial, 'parameters'>): readonly Place[] {
  return space.parameters.flatMap(({ name, parameter, domain }) => {
    if (!domain) return [];
    const value = parameters[name];
    if (value === undefined || domain.explain(value) !== undefined) return [undefined];
    return [{ u: domain.toUnit(value), isOrdered: parameter.kind !== 'choice' }];
  });
}

function distanceOf(a: readonly Place[], b: readonly Place[]): number {
  return a.reduce<number>((sum, x, k) => {
    const y = b[k];
    if (!x || !y) return sum + (x === y ? 0 : 1);
    return sum + (x.isOrdered ? (x.u - y.u) ** 2 : x.u === y.u ? 0 : 1);
  }, 0);
}

function runOf({ trial, reports }: EarlierTrial, secondsPerStep: number | undefined): VirtualTrial {
  // Later attempts win, step by step.
  const bySteps = new Map<number, Metrics>();
  for (const { step, metrics } of reports) bySteps.set(step, { ...bySteps.get(step), ...metrics });
  const curve = [...bySteps].sort(([a], [b]) => a - b);
  const last = curve.at(-1);
  // What is known only at the end belongs to the last report.
  if (last) last[1] = { ...last[1], ...trial.metrics };
  else curve.push([1, trial.metrics]);
  const took = Math.max(0, (trial.finishedAt ?? 0) - (trial.startedAt ?? 0)) / 1000;
  const steps = curve.at(-1)?.[0] ?? 1;
  const each = secondsPerStep ?? took / Math.max(steps, 1);
  // Who reports at step 0 alone trained for that one.
  const start = steps > 0 ? 0 : steps - 1;
  return {
    reports: curve.length,
    report: (index) => ({ step: curve[index]?.[0] ?? steps, metrics: curve[index]?.[1] ?? {} }),
    seconds: (index) => each * ((curve[index]?.[0] ?? steps) - (curve[index - 1]?.[0] ?? start)),
  };
}
