import type { ScheduleName } from '../../sweep/har/parameters.js';

/** How the learning rate changes while a model trains. Times are in passes over the train set, fractions included. */
export interface ScheduleOptions {
  /** @default constant */
  readonly schedule?: ScheduleName | undefined;
  /** What the rate is multiplied by every `decayPasses`: `exponential` gradually, `step` at once. @default 0.5 */
  readonly decayRate?: number | undefined;
  /** @default 10 */
  readonly decayPasses?: number | undefined;
  /** Passes in which the rate rises linearly from 0; the schedule begins after them. @default 0 */
  readonly warmup?: number | undefined;
  /** Learning-rate range test (Smith 2017): the rate rises geometrically from the first to the second. */
  readonly lrRange?: readonly [from: number, to: number] | undefined;
}

/** The learning rate of a member at a time. @param time passes so far, from 0 */
export type Schedule = (rate: number, time: number) => number;

/** @param passes how many there will be: `cosine` and `lrRange` end with them */
export function createSchedule(options: ScheduleOptions, passes: number): Schedule {
  const { schedule = 'constant', decayRate = 0.5, decayPasses = 10, warmup = 0, lrRange } = options;
  if (lrRange) {
    const [from, to] = lrRange;
    return (_, time) => from * (to / from) ** (time / passes);
  }
  const factors: Record<ScheduleName, (time: number) => number> = {
    constant: () => 1,
    exponential: (time) => decayRate ** (time / decayPasses),
    step: (time) => decayRate ** Math.floor(time / decayPasses),
    // Loshchilov and Hutter 2017, without restarts: half a cosine, from 1 to 0.
    cosine: (time) => (1 + Math.cos(Math.PI * Math.min(1, time / (passes - warmup)))) / 2,
  };
  const factor = factors[schedule];
  return (rate, time) => rate * (time < warmup ? time / warmup : factor(time - warmup));
}
