import { plannedTrials } from '../../../sweep/samplers.js';
import { compileSpace } from '../../../sweep/space.js';
import { isTerminal, type TrialState } from '../../../sweep/trial.js';
import type { ProgressAnswer } from '../../api/charts.js';
import { metricNames } from '../../metrics.js';
import { states } from '../table/trial-table.js';
import type { SweepContext } from './context.js';

/** The rate follows the last trials only: earlier ones may have had other workers. */
const rateWindow = 30;

/**
 * How far a sweep is.
 * @param stored how many trials are in each state, where a part of them has been read only: rates are left out then
 */
export function progress(
  context: SweepContext,
  stored?: Readonly<Record<TrialState, number>>,
): ProgressAnswer {
  const { table, sweep, live } = context;
  const { definition } = sweep;
  const tally = new Int32Array(states.length);
  const latest = new LatestEnds(sweep.state === 'running' ? rateWindow : 0);
  for (let row = 0; row < table.size; row++) {
    const state = table.state.values[row] as number;
    if (Number.isNaN(state)) continue;
    tally[state] = (tally[state] as number) + 1;
    if (isTerminal(states[state] as TrialState)) latest.add(table.finished.values[row] as number);
  }
  const read = tally.reduce((sum, n) => sum + n, 0);
  const counts =
    stored ??
    (Object.fromEntries(states.map((state, code) => [state, tally[code]])) as Record<TrialState, number>);
  const created = states.reduce((sum, state) => sum + counts[state], 0);
  const done = states.reduce((sum, state) => sum + (isTerminal(state) ? counts[state] : 0), 0);
  const planned = live.keep('planned', () => plannedTrials(definition, compileSpace(definition)));
  const total = Math.max(planned ?? 0, created);
  const rate = stored ? undefined : latest.rate();
  const left = planned === undefined || sweep.state !== 'running' ? 0 : total - done;
  return {
    revision: context.revision,
    counts,
    total,
    totalIsKnown: planned !== undefined,
    done,
    ...(rate !== undefined && { rate }),
    ...(rate !== undefined && left > 0 && { secondsLeft: left / rate }),
    metrics: metricNames(definition, table.metricNames),
    workers: (table.worker.categories ?? []).map(String),
    ...(stored && { reading: { read, of: created } }),
  };
}

/** The last ends of trials, or the first and the last of all: what a rate is taken from. */
class LatestEnds {
  readonly #last: number[] = [];
  #first = Infinity;
  #end = -Infinity;
  #n = 0;

  /** 0: of all. */
  constructor(private readonly window: number) {}

  add(at: number): void {
    if (Number.isNaN(at)) return;
    this.#n++;
    this.#first = Math.min(this.#first, at);
    this.#end = Math.max(this.#end, at);
    if (this.window === 0) return;
    if (this.#last.length === this.window) {
      if (at <= (this.#last[0] as number)) return;
      this.#last.shift();
    }
    const place = this.#last.findLastIndex((other) => other <= at);
    this.#last.splice(place + 1, 0, at);
  }

  rate(): number | undefined {
    const n = this.window === 0 ? this.#n : this.#last.length;
    const first = this.window === 0 ? this.#first : (this.#last[0] ?? 0);
    const seconds = (this.#end - first) / 1000;
    return n > 1 && seconds > 0 ? (n - 1) / seconds : undefined;
  }
}
