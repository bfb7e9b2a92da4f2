import type { z } from 'zod';
import type { AttemptRecord } from '../../../store/sweep-store.js';
import type { TimelineAnswer, timelineQuery } from '../../api/views.js';
import type { SweepContext } from './context.js';

/** Attempts read at once. */
const page = 5_000;
/** More than these no picture shows apart: what is joined gets longer then, down to so many bins. */
const mostSpans = 6_000;
const fewestBins = 25;

type Worker = TimelineAnswer['workers'][number];
type Span = Worker['spans'][number];

/** What each worker trained when. What is shorter than a bin is joined with what is beside it. */
export async function timeline(
  context: SweepContext,
  query: z.output<typeof timelineQuery>,
): Promise<TimelineAnswer> {
  const { table, revision, sweep } = context;
  const now = Date.now();
  const from = query.from ?? least(table.started.values, table.size) ?? sweep.createdAt;
  const to = Math.max(
    from + 1,
    query.to ?? (sweep.state === 'running' ? now : (most(table.finished.values, table.size) ?? now)),
  );
  const attempts = await attemptsWithin(context, from, to);
  const byWorker = new Map<string, AttemptRecord[]>();
  for (const attempt of attempts) {
    const list = byWorker.get(attempt.workerId);
    if (list) list.push(attempt);
    else byWorker.set(attempt.workerId, [attempt]);
  }
  const sorted = [...byWorker].sort(([a], [b]) => (a < b ? -1 : 1));
  for (let bins = query.bins; ; bins /= 2) {
    const window = { from, to, bin: (to - from) / bins, now };
    const workers = sorted.map(([id, list]) => workerOf(id, list, window));
    const spans = workers.reduce((sum, worker) => sum + worker.spans.length, 0);
    if (spans <= mostSpans || bins <= fewestBins)
      return { revision, from, to, total: attempts.length, workers };
  }
}

async function attemptsWithin(context: SweepContext, from: number, to: number): Promise<AttemptRecord[]> {
  const { table } = context;
  const numbers: number[] = [];
  for (let row = 0; row < table.size; row++) {
    // A trial without a start may have had one: it waits for its next attempt.
    if ((table.attempts.values[row] ?? 0) > 0) numbers.push(row);
  }
  const found: AttemptRecord[] = [];
  for (let first = 0; first < numbers.length; first += page) {
    const some = await context.store.attemptsOf(context.sweep.id, numbers.slice(first, first + page));
    for (const attempt of some) {
      if (attempt.startedAt <= to && (attempt.finishedAt ?? Infinity) >= from) found.push(attempt);
    }
  }
  return found;
}

interface Window {
  readonly from: number;
  readonly to: number;
  readonly bin: number;
  readonly now: number;
}

function workerOf(id: string, attempts: AttemptRecord[], window: Window): Worker {
  attempts.sort((a, b) => a.startedAt - b.startedAt || a.number - b.number);
  const ends: number[] = [];
  const lanes = new Map<number, Span[]>();
  let busy = 0;
  let until = -Infinity;
  for (const attempt of attempts) {
    const begin = Math.max(attempt.startedAt, window.from);
    const end = Math.min(attempt.finishedAt ?? window.now, window.to);
    busy += Math.max(0, end - Math.max(begin, until));
    until = Math.max(until, end);
    let lane = ends.findIndex((free) => free <= begin);
    if (lane < 0) lane = ends.length;
    ends[lane] = end;
    const spans = lanes.get(lane) ?? [];
    lanes.set(lane, spans);
    join(
      spans,
      { from: begin, to: end, lane, outcome: outcomeOf(attempt), number: attempt.number, attempts: 1 },
      window.bin,
    );
  }
  return { id, attempts: attempts.length, seconds: busy / 1000, spans: [...lanes.values()].flat() };
}

function outcomeOf({ outcome, failure, finishedAt }: AttemptRecord): string {
  if (failure?.class === 'lost') return 'lost';
  return outcome ?? (finishedAt === undefined ? 'running' : 'failed');
}

/** Outcomes that should be seen where several attempts are one span, most notable last. */
const notable = ['completed', 'pruned', 'paused', 'running', 'cancelled', 'failed', 'lost'];

/**
 * Adds a span, or makes the last one longer: by one alike where both are too short to be told apart, by any other as
 * long as what is joined is no longer than a bin.
 */
function join(spans: Span[], span: Span, bin: number): void {
  const last = spans.at(-1);
  const isShort =
    last !== undefined &&
    span.to - span.from < bin &&
    (last.to - last.from < bin || last.number === undefined);
  const isAlike = last?.outcome === span.outcome || (last !== undefined && span.to - last.from <= bin);
  if (!last || !isShort || !isAlike || span.from - last.to > bin) {
    spans.push(span);
    return;
  }
  const isWorse = notable.indexOf(span.outcome) > notable.indexOf(last.outcome);
  spans[spans.length - 1] = {
    from: last.from,
    to: span.to,
    lane: last.lane,
    outcome: isWorse ? span.outcome : last.outcome,
    attempts: last.attempts + 1,
  };
}

function least(values: Float64Array, size: number): number | undefined {
  let low = Infinity;
  for (let row = 0; row < size; row++) if ((values[row] as number) < low) low = values[row] as number;
  return low === Infinity ? undefined : low;
}

function most(values: Float64Array, size: number): number | undefined {
  let high = -Infinity;
  for (let row = 0; row < size; row++) if ((values[row] as number) > high) high = values[row] as number;
  return high === -Infinity ? undefined : high;
}
