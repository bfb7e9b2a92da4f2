import type { Decision, Pruner } from '../pruning/pruner.js';
import { isTerminal, TrialState, type Metrics, type Trial } from '../../sweep/trial.js';
import type { Changes } from './changes.js';
import type { ActiveTrial, StopRequest, TrialBook } from './trial-book.js';

/** What a decision is called in the store. `promote`: a paused trial goes on. */
export const PruningAction = {
  Prune: 'prune',
  Pause: 'pause',
  Finish: 'finish',
  Promote: 'promote',
} as const;

/** So many completed trials without the metrics that the pruner judges by are worth a word to the user. */
const trialsWithoutMetrics = 3;

/** Ends a trial as pruned without a word from a worker. */
export type Prune = (active: ActiveTrial, reason: string, at: number, changes: Changes) => void;

/**
 * What the pruner's decisions mean for the trials of a sweep: running ones are told to stop, paused ones go back to the
 * queue, and every decision that is not to go on is noted with its reason. No I/O.
 */
export class Pruning {
  /** Whether something was reported or paused since promotions were looked for. */
  #isNew = true;
  readonly #paused = new Set<number>();
  /** Configurations with a completed trial. */
  readonly #measured = new Set<number>();
  #completed = 0;
  #hasWarned = false;

  constructor(
    private readonly pruner: Pruner,
    private readonly book: TrialBook,
    private readonly sweepId: string,
    private readonly say: (line: string) => void = () => undefined,
  ) {
    if (pruner.curves) book.curves = pruner.curves;
    for (const { trial } of book.active.values())
      if (trial.state === TrialState.Paused) this.#paused.add(trial.number);
    for (const trial of book.trials) this.#noteMeasured(trial);
  }

  /** A running trial has reported. */
  report(active: ActiveTrial, step: number, metrics: Metrics, at: number, changes: Changes): void {
    const { trial } = active;
    const before = this.pruner.revision;
    const decision = this.pruner.report(trial, step, metrics);
    if (this.pruner.revision !== before) this.#isNew = true;
    if (active.stop || decision.action === 'continue' || this.#isToMeasure(trial, decision)) return;
    this.#stop(active, decision, at, changes);
  }

  /**
   * Whether a trial is to say how good its configuration is, which has a completed one: stopping the replicates that are
   * worse than others would leave the mean of the lucky ones.
   */
  #isToMeasure({ configuration }: Pick<Trial, 'configuration'>, { action }: Decision): boolean {
    return this.pruner.compares && action !== 'finish' && this.#measured.has(configuration);
  }

  #noteMeasured({ state, configuration }: Pick<Trial, 'state' | 'configuration'>): void {
    if (state === TrialState.Completed) this.#measured.add(configuration);
  }

  /** Everything that follows from what has changed: replicates that are not worth it any more, promotions. */
  follow(at: number, prune: Prune, changes: Changes): void {
    // What is pruned here has ended too.
    for (let i = 0; i < changes.ended.length; i++) {
      const trial = changes.ended[i];
      if (!trial) continue;
      if (trial.state === TrialState.Completed) this.#completed++;
      this.#noteMeasured(trial);
      for (const { configuration, reason } of this.pruner.ended(trial, this.#openConfigurations()))
        this.#pruneConfiguration(configuration, reason, at, prune, changes);
    }
    if (this.#completed >= trialsWithoutMetrics) this.#warn();
    for (const { number } of changes.paused) {
      this.#paused.add(number);
      this.#isNew = true;
    }
    for (const { number } of [...changes.ended, ...changes.requeued]) this.#paused.delete(number);
    if (this.#isNew) this.#promote(false, at, changes);
    this.#isNew = false;
  }

  /** Nothing runs or waits, and no new trial will come: the best of the paused ones go on, or all of them end. */
  settle(at: number, prune: Prune, changes: Changes): void {
    if (this.#promote(true, at, changes)) return;
    for (const number of [...this.#paused]) {
      const active = this.book.active.get(number);
      if (!active) continue;
      const reason = `${this.pruner.standing(active.trial.number)}, when all others had ended`;
      this.#note(active, PruningAction.Prune, reason, at, changes);
      prune(active, reason, at, changes);
    }
  }

  #stop(
    active: ActiveTrial,
    { action, reason }: Exclude<Decision, { action: 'continue' }>,
    at: number,
    changes: Changes,
  ): void {
    const called = action === 'stop' ? PruningAction.Prune : action;
    active.stop = { ...stopOf(called), reason };
    this.#note(active, called, reason, at, changes);
    if (active.trial.state === TrialState.Running) changes.stops.push(active);
  }

  #pruneConfiguration(
    configuration: number,
    reason: string,
    at: number,
    prune: Prune,
    changes: Changes,
  ): void {
    for (const active of [...this.book.active.values()]) {
      const { trial, grant, stop } = active;
      if (trial.configuration !== configuration || stop) continue;
      if (trial.state === TrialState.Running || grant)
        this.#stop(active, { action: 'stop', reason }, at, changes);
      else {
        this.#note(active, PruningAction.Prune, reason, at, changes);
        prune(active, reason, at, changes);
      }
    }
  }

  /** Whether any trial goes on. */
  #promote(isLast: boolean, at: number, changes: Changes): boolean {
    const verdicts = this.#paused.size === 0 ? [] : this.pruner.promote(this.#paused, isLast);
    for (const { number, reason } of verdicts) {
      const active = this.book.active.get(number);
      if (!active) continue;
      this.#note(active, PruningAction.Promote, reason, at, changes);
      this.#paused.delete(number);
      changes.requeued.push({ number, attempt: 0, finishedAt: at });
      this.book.requeued(active);
    }
    return verdicts.length > 0;
  }

  *#openConfigurations(): Iterable<number> {
    const seen = new Set<number>();
    for (const { trial } of this.book.active.values()) {
      if (isTerminal(trial.state) || seen.has(trial.configuration)) continue;
      seen.add(trial.configuration);
      yield trial.configuration;
    }
  }

  #note({ trial }: ActiveTrial, action: string, reason: string, at: number, changes: Changes): void {
    changes.decisions.push({ sweepId: this.sweepId, number: trial.number, action, reason, decidedAt: at });
  }

  #warn(): void {
    if (this.#hasWarned || this.pruner.hasSeenMetrics) return;
    this.#hasWarned = true;
    this.say(
      'the pruner has not seen the metrics that it judges by while trials ran: nothing is pruned until they are reported',
    );
  }
}

/** What a running trial is told by a decision of this name. */
export function stopOf(action: string): Pick<StopRequest, 'then' | 'counts'> {
  if (action === PruningAction.Pause) return { then: 'pause' };
  return { then: 'prune', ...(action === PruningAction.Finish ? { counts: true } : {}) };
}
