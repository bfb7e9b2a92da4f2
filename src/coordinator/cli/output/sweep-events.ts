import type { SweepRecord, SweepStore } from '../../../store/sweep-store.js';
import { isTerminal, type Trial } from '../../../sweep/trial.js';
import { trialPages } from './stored-sweep.js';

/** Something that happened. */
export interface SweepEvent {
  readonly at: number;
  /** Absent: of the sweep. */
  readonly number?: number;
  readonly event: string;
  readonly text: string;
}

export interface EventChoice {
  /** Of this one alone. */
  readonly trial?: number | undefined;
  /** Of which trials. Without either: of all, and of the sweep itself. */
  readonly test?: ((trial: Trial) => boolean) | undefined;
  /** The last so many. */
  readonly last?: number | undefined;
  /** Events that are in memory at once, about. @default 20000 */
  readonly most?: number;
}

/**
 * What happened in a sweep, in order, some thousand events at a time. Trials are read by number, and what happened to
 * them is told by time: of a large sweep the times alone are gathered first, then each stretch of time is read from the
 * pages of trials that something happened to in it.
 */
export async function* sweepEvents(
  store: SweepStore,
  sweep: SweepRecord,
  choice: EventChoice = {},
): AsyncGenerator<readonly SweepEvent[]> {
  const { last, most = 20_000 } = choice;
  const pages: Page[] = [];
  const times: number[] = [];
  let all: SweepEvent[] | undefined = [];
  for await (const { numbers, events } of pagesOf(store, sweep, choice)) {
    pages.push({ numbers, ...rangeOf(events) });
    if (last === undefined) for (const { at } of events) times.push(at);
    all = times.length > most ? undefined : all?.concat(events);
    if (all && last !== undefined) all = inOrder(all).slice(-last);
  }
  if (all) {
    if (all.length > 0) yield inOrder(all);
    return;
  }
  const sorted = Float64Array.from(times).sort();
  const edges = [...new Set(sorted.filter((_, index) => index % most === 0)), Infinity];
  for (const [index, from] of edges.slice(0, -1).entries()) {
    const to = edges[index + 1] as number;
    const stretch: SweepEvent[] = [];
    for (const { numbers, first, end } of pages) {
      if (first >= to || end < from) continue;
      const events =
        numbers === undefined
          ? await eventsOfSweep(store, sweep)
          : await eventsOf(store, sweep, await store.trialsOf(sweep.id, numbers));
      for (const event of events) if (event.at >= from && event.at < to) stretch.push(event);
    }
    yield inOrder(stretch);
  }
}

/** Trials that are read together, and when the first and the last thing happened to them. */
interface Page {
  /** Absent: what happened to the sweep itself. */
  readonly numbers: readonly number[] | undefined;
  readonly first: number;
  readonly end: number;
}

const noRange = { first: Infinity, end: -Infinity };

function rangeOf(events: readonly SweepEvent[]): Pick<Page, 'first' | 'end'> {
  return events.reduce(
    ({ first, end }, { at }) => ({ first: Math.min(first, at), end: Math.max(end, at) }),
    noRange,
  );
}

async function* pagesOf(
  store: SweepStore,
  sweep: SweepRecord,
  { trial, test }: EventChoice,
): AsyncGenerator<{ readonly numbers: readonly number[] | undefined; readonly events: SweepEvent[] }> {
  if (!test && trial === undefined) yield { numbers: undefined, events: await eventsOfSweep(store, sweep) };
  const pages = trial === undefined ? trialPages(store, sweep.id) : [await store.trialsOf(sweep.id, [trial])];
  for await (const page of pages) {
    const trials = test ? page.filter(test) : page;
    yield { numbers: trials.map(({ number }) => number), events: await eventsOf(store, sweep, trials) };
  }
}

async function eventsOfSweep(store: SweepStore, sweep: SweepRecord): Promise<SweepEvent[]> {
  const { id, definition, createdAt, finishedAt, state, reason } = sweep;
  const decisions = await store.sweepDecisions(id);
  return [
    { at: createdAt, event: 'sweep begins', text: definition.name },
    ...decisions.map(({ decidedAt, action, reason }) => ({ at: decidedAt, event: action, text: reason })),
    ...(finishedAt === undefined ? [] : [{ at: finishedAt, event: `sweep is ${state}`, text: reason ?? '' }]),
  ];
}

async function eventsOf(
  store: SweepStore,
  { id }: SweepRecord,
  trials: readonly Trial[],
): Promise<SweepEvent[]> {
  const numbers = trials.map(({ number }) => number);
  const events: SweepEvent[] = [];
  for (const { number = 0, action, reason, decidedAt } of await store.decisionsOf(id, numbers))
    events.push({ at: decidedAt, number, event: action, text: reason });
  for (const attempt of await store.attemptsOf(id, numbers)) {
    const { number, workerId, failure, outcome } = attempt;
    const which = attempt.attempt > 1 ? ` (attempt ${attempt.attempt})` : '';
    events.push({ at: attempt.startedAt, number, event: `started${which}`, text: `on ${workerId}` });
    if (attempt.finishedAt === undefined) continue;
    const text = failure ? `${failure.class}: ${failure.message}` : '';
    events.push({ at: attempt.finishedAt, number, event: `${outcome ?? 'ended'}${which}`, text });
  }
  for (const { number, lines, loggedAt } of await store.logsOf(id, numbers))
    for (const text of lines) events.push({ at: loggedAt, number, event: 'log', text });
  for (const { number, reason, state, finishedAt } of trials) {
    if (reason === undefined || !isTerminal(state) || finishedAt === undefined) continue;
    events.push({ at: finishedAt, number, event: state, text: reason });
  }
  return events;
}

/** What an attempt logged before its result has the time of the result, and comes first. */
function inOrder(events: SweepEvent[]): SweepEvent[] {
  const rank = ({ event }: SweepEvent): number => (event === 'log' ? 1 : event.startsWith('started') ? 0 : 2);
  return events.sort((a, b) => a.at - b.at || rank(a) - rank(b));
}
