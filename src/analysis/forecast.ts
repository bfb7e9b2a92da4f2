import type { BudgetDefinition } from '../sweep/sweep-definition.js';

/** How far a sweep is, and at what pace. */
export interface Pace {
  /** Trials that have a result, and of how many; undefined where only a budget ends the sweep. */
  readonly ended: number;
  readonly planned: number | undefined;
  /** Seconds in which a coordinator ran it, and seconds summed over the slots that trained. */
  readonly seconds: number;
  readonly slotSeconds: number;
}

/** What ends a sweep, when, and what it will have cost by then. */
export interface Forecast {
  /** Seconds until the end. */
  readonly seconds: number;
  readonly endsBy: 'trials' | 'time' | 'gpuHours' | 'cost';
  /** Trials that will have a result at the end. */
  readonly trials: number;
  /** GPU-hours from now to the end, and from the beginning. */
  readonly hoursLeft: number;
  /** In the currency of `pricePerGpuHour`, from now on and in all. */
  readonly costLeft?: number;
  readonly cost?: number;
}

/** Trials that tell a pace. */
const fewestEnded = 3;

/**
 * When the sweep ends if it goes on as it did: the first of its trials and its budgets. Undefined where too few trials
 * ended to tell, or nothing ends it.
 */
export function forecast(
  budget: BudgetDefinition,
  { ended, planned, seconds, slotSeconds }: Pace,
): Forecast | undefined {
  if (ended < fewestEnded || seconds <= 0) return undefined;
  const perTrial = seconds / ended;
  const slots = slotSeconds / seconds;
  const price = budget.pricePerGpuHour;
  const ends: [Forecast['endsBy'], number][] = [];
  if (planned !== undefined) ends.push(['trials', (planned - ended) * perTrial]);
  if (budget.time !== undefined) ends.push(['time', budget.time - seconds]);
  if (slots > 0) {
    if (budget.gpuHours !== undefined)
      ends.push(['gpuHours', (budget.gpuHours * 3600 - slotSeconds) / slots]);
    if (budget.cost !== undefined && price !== undefined)
      ends.push(['cost', ((budget.cost / price) * 3600 - slotSeconds) / slots]);
  }
  const [first] = ends.sort(([, a], [, b]) => a - b);
  if (!first) return undefined;
  const left = Math.max(0, first[1]);
  const hoursLeft = (left * slots) / 3600;
  return {
    seconds: left,
    endsBy: first[0],
    trials: Math.min(planned ?? Infinity, ended + Math.round(left / perTrial)),
    hoursLeft,
    ...(price === undefined
      ? {}
      : { costLeft: hoursLeft * price, cost: (slotSeconds / 3600 + hoursLeft) * price }),
  };
}
