import { isTerminal, TrialState, type Trial } from '../../../sweep/trial.js';
import type { SweepView } from '../../api.js';

/** How far a sweep is. */
export interface Progress {
  readonly counts: Readonly<Record<TrialState, number>>;
  /** Trials that have their result. */
  readonly done: number;
  /** Trials there will be, at most; those there are where it is not known. */
  readonly total: number;
  readonly totalIsKnown: boolean;
  /** Trials that end in a second, lately; absent before the second one has ended. */
  readonly rate?: number;
  /** Absent where there is no rate, or nothing is left, or nothing runs. */
  readonly secondsLeft?: number;
}

/** The rate follows the last trials only: earlier ones may have had other workers. */
const rateWindow = 30;

export function progressOf(sweep: SweepView, trials: Iterable<Trial>): Progress {
  const counts = Object.fromEntries(Object.values(TrialState).map((state) => [state, 0])) as Record<
    TrialState,
    number
  >;
  const ends: number[] = [];
  let created = 0;
  let done = 0;
  for (const trial of trials) {
    created++;
    counts[trial.state]++;
    if (!isTerminal(trial.state)) continue;
    done++;
    if (trial.finishedAt !== undefined) ends.push(trial.finishedAt);
  }
  const total = Math.max(sweep.planned ?? 0, created);
  const rate = rateOf(ends, sweep);
  const left = sweep.planned === undefined || sweep.state !== 'running' ? 0 : total - done;
  return {
    counts,
    done,
    total,
    totalIsKnown: sweep.planned !== undefined,
    ...(rate !== undefined && { rate }),
    ...(rate !== undefined && left > 0 && { secondsLeft: left / rate }),
  };
}

function rateOf(ends: number[], sweep: SweepView): number | undefined {
  if (ends.length < 2) return undefined;
  ends.sort((a, b) => a - b);
  // What is over is told as a whole; what runs, by its last trials.
  const window = sweep.state === 'running' ? ends.slice(-rateWindow) : ends;
  const seconds = ((window.at(-1) ?? 0) - (window[0] ?? 0)) / 1000;
  return seconds > 0 ? (window.length - 1) / seconds : undefined;
}
