import type { SweepStore } from '../../store/sweep-store.js';
import { isTerminal, type Trial } from '../../sweep/trial.js';
import type { Fleet } from '../fleet.js';
import type { Changes } from './changes.js';
import type { Dispatcher } from './dispatcher.js';
import type { EndingRequest } from './ending.js';
import type { Flow } from './flow.js';
import type { goalOf } from './goal.js';
import type { OutcomeJudge } from './judge-outcomes.js';
import type { Prune, Pruning } from './pruning.js';
import type { StopCommands } from './stop-commands.js';
import type { StoreWriter } from './store-writer.js';
import type { ActiveTrial, TrialBook } from './trial-book.js';
import type { UsageMeter } from './usage-meter.js';

export interface CommitterParts {
  readonly sweepId: string;
  readonly book: TrialBook;
  readonly fleet: Fleet;
  readonly dispatcher: Dispatcher;
  readonly store: SweepStore;
  readonly writer: StoreWriter;
  readonly usage: UsageMeter;
  readonly flow: Flow;
  readonly judge: OutcomeJudge;
  readonly pruning: Pruning | undefined;
  /** Ends a trial as pruned. */
  readonly prune: Prune;
  readonly stops: StopCommands;
  readonly reachedGoal: ReturnType<typeof goalOf>;
  /** For what is measured. */
  readonly now: () => number;
  /** For what is stored. */
  readonly wall: () => number;
  readonly say: (line: string) => void;
  readonly onEnded: ((trials: readonly Trial[]) => void) | undefined;
  /** Ends the sweep earlier than it would by itself. */
  readonly requestEnd: (request: EndingRequest) => void;
}

/** Stores what became of trials, and then, not before, does what follows from it. */
export class Committer {
  constructor(private readonly parts: CommitterParts) {}

  /** @param since when what made the changes arrived, in milliseconds */
  async commit(changes: Changes, since?: number): Promise<void> {
    const { sweepId, store, writer, usage, pruning, prune, judge, now, wall } = this.parts;
    pruning?.follow(wall(), prune, changes);
    const hopeless = judge.judge(changes, wall());
    if (!changes.isEmpty) {
      const batch = changes.batch(sweepId);
      await writer.run('results', () => store.record(batch));
    }
    usage.addSlotSeconds(changes.slotSeconds);
    for (const { workerId, message } of changes.unable) this.#unable(workerId, message);
    this.#tellWorkers(changes);
    this.#queueAgain(changes, now());
    if (changes.started.length > 0) this.parts.flow.trialsStarted(now());
    this.#trialsEnded(changes, since);
    if (hopeless !== undefined) this.#endAsFailed(hopeless);
  }

  /** Ends the sweep where one of these trials reaches its goal. */
  judgeGoal(trials: readonly Trial[]): void {
    const reason = this.parts.reachedGoal(trials);
    if (reason === undefined) return;
    this.parts.requestEnd({ state: 'completed', reason, running: 'finish', queued: 'cancel' });
  }

  #tellWorkers({ stale, started, stops: changed }: Changes): void {
    const { book, stops } = this.parts;
    for (const attempt of stale) stops.sendStale(attempt);
    for (const { number } of started) {
      const active = book.active.get(number);
      if (active?.stop) stops.send(active);
    }
    for (const active of changed) stops.send(active);
  }

  #queueAgain({ requeued }: Changes, now: number): void {
    const { book, dispatcher } = this.parts;
    const back: ActiveTrial[] = [];
    for (const { number } of requeued) {
      const active = book.active.get(number);
      if (active?.trial.state !== 'queued') continue;
      active.notBefore = now + (active.backOff ?? 0);
      back.push(active);
    }
    dispatcher.enqueue(back);
  }

  #trialsEnded(changes: Changes, since: number | undefined): void {
    const { flow, dispatcher, now, onEnded } = this.parts;
    // One that failed at a machine that was found to be bad goes back to the queue.
    const ended = changes.ended.filter(({ state }) => isTerminal(state));
    if (ended.length > 0) {
      flow.trialsEnded(ended.length, now());
      onEnded?.(ended);
      this.judgeGoal(ended);
    }
    if (ended.length + changes.paused.length > 0) dispatcher.wake(since);
  }

  #unable(workerId: string, message: string): void {
    const { fleet, say } = this.parts;
    if (fleet.isUnable(workerId)) return;
    fleet.markUnable(workerId, message);
    say(`worker ${workerId} cannot train this sweep: ${message}`);
    const reason = fleet.allUnable;
    if (reason !== undefined) this.#endAsFailed(`no worker can train it: ${reason}`);
  }

  /** What is queued stays so: once it is put right, the same `start` goes on. */
  #endAsFailed(reason: string): void {
    this.parts.requestEnd({ state: 'failed', reason, running: 'cancel', queued: 'keep' });
  }
}
