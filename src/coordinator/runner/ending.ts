import type { SweepState } from '../../store/sweep-store.js';
import type { TrialState } from '../../sweep/trial.js';
import type { StopRequest, TrialBook } from './trial-book.js';

/** How a sweep is to end before it has tried everything. */
export interface EndingRequest {
  readonly state: Exclude<SweepState, 'running'>;
  readonly reason?: string;
  /** What becomes of running trials: they finish, are cancelled, or go back to the queue for a later coordinator. */
  readonly running: 'finish' | 'cancel' | 'requeue';
  readonly queued: 'finish' | 'cancel' | 'keep';
}

export interface SweepOutcome {
  readonly state: Exclude<SweepState, 'running'>;
  readonly reason?: string;
  readonly counts: Readonly<Record<TrialState, number>>;
}

/** Milliseconds that workers have to obey; longer than a worker's own grace time. */
const patience = 20_000;

const strictness = { finish: 0, cancel: 1, requeue: 2 } as const;

/** A sweep that is ending. */
export class Ending {
  constructor(
    readonly request: EndingRequest,
    private readonly since: number,
  ) {}

  /** What trials are told that end by it. */
  get reason(): string {
    return this.request.reason ?? 'the sweep ends';
  }

  /** Somebody who wants to end it faster has the last word. */
  givesWayTo(other: EndingRequest): boolean {
    return strictness[other.running] > strictness[this.request.running];
  }

  isOverdue(now: number): boolean {
    return this.request.running !== 'finish' && now - this.since > patience;
  }

  /** Whether nothing is left to wait for. */
  isOver(book: TrialBook, exhausted: boolean, now: number): boolean {
    const { running, queued } = this.request;
    if (running === 'requeue' && this.isOverdue(now)) return true;
    if (queued === 'keep') return book.taken === 0;
    return book.active.size === 0 && (queued === 'cancel' || exhausted);
  }
}

/** What a user has cancelled stays so, and what the pruner has decided, where the sweep's end leaves room for it. */
export function isDecided(stop: StopRequest | undefined, running: EndingRequest['running']): boolean {
  if (stop?.then === 'cancel') return stop.isForGood === true;
  return stop?.then === 'prune' || (stop?.then === 'pause' && running === 'requeue');
}

/**
 * What a sweep came to, given how it was to end; by itself where nothing is said.
 * @param exhausted why its sampler had no more to give
 */
export function outcomeOf(
  book: TrialBook,
  request: EndingRequest | undefined,
  exhausted?: string,
): SweepOutcome {
  const counts = { ...book.counts };
  if (request && request.state !== 'completed') {
    const { state, reason } = request;
    return { state, counts, ...(reason === undefined ? {} : { reason }) };
  }
  const reason = request ? request.reason : exhausted;
  if (counts.completed > 0)
    return { state: 'completed', counts, ...(reason === undefined ? {} : { reason }) };
  return { state: 'failed', counts, reason: [reason, nothingCompleted(book)].filter(Boolean).join('; ') };
}

function nothingCompleted(book: TrialBook): string {
  if (book.size === 0) return 'the space holds no configuration';
  const last = book.trials.findLast(({ failure }) => failure !== undefined);
  const trials = book.size === 1 ? 'the only trial was not' : `none of the ${book.size} trials was`;
  return `${trials} completed${last?.failure ? `; trial ${last.number}: ${last.failure.message}` : ''}`;
}
