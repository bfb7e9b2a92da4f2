import type { ActionAnswer } from '../../dashboard/server/control.js';
import type { DecisionRecord, SweepRecord, SweepStore } from '../../store/sweep-store.js';
import { amend, amended, type Amendments, type Amending } from '../../sweep/steering/amendments.js';
import type { SweepAction } from '../../sweep/steering/sweep-action.js';
import { compileSpace } from '../../sweep/space.js';
import { UsageError, UserFacingError } from '../../support/errors.js';
import type { SweepRunner } from '../runner/runner.js';
import type { TrialBook } from '../runner/trial-book.js';
import { createSampler } from '../search/create-sampler.js';
import type { EarlierSweep } from '../search/warm/earlier-results.js';
import { completeTrial } from './complete-trial.js';
import { cancelTrials, requeueRunning, retryTrials } from './trial-actions.js';

export interface SteeringParts {
  /** As its file says, with what was changed before. */
  readonly sweep: SweepRecord;
  readonly book: TrialBook;
  readonly runner: SweepRunner;
  readonly store: SweepStore;
  /** Those that `search.warmStart` names. @default none */
  readonly earlier?: readonly EarlierSweep[];
  /** One line for the user about what somebody changed. */
  readonly say: (line: string) => void;
  /** @default Date.now */
  readonly now?: () => number;
}

/**
 * Carries out what users ask of a sweep while it runs: one after another, each recorded as a decision before it takes
 * effect, so that the next coordinator goes on with it.
 */
export class Steering {
  #amendments: Amendments;
  #last: Promise<unknown> = Promise.resolve();
  readonly #now: () => number;

  constructor(private readonly parts: SteeringParts) {
    this.#amendments = parts.sweep.amendments ?? {};
    this.#now = parts.now ?? Date.now;
    parts.runner.fleet.bar(Object.keys(this.#amendments.quarantined ?? {}));
  }

  get priority(): number {
    return this.#amendments.priority ?? 1;
  }

  /** What was asked for before the sweep began to run: it may be paused. */
  async begin(): Promise<void> {
    if (this.#amendments.paused) await this.parts.runner.dispatcher.pause();
  }

  /**
   * @param by who asks
   * @throws UsageError where the action is wrong, UserFacingError where the sweep's state does not allow it
   */
  async act(action: SweepAction, by: string): Promise<ActionAnswer> {
    const turn = this.#last.then(() => this.#act(action, by));
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  async #act(action: SweepAction, by: string): Promise<ActionAnswer> {
    const { runner, book, sweep } = this.parts;
    if (runner.isEnding && action.action !== 'stop')
      throw new UserFacingError(`sweep ${sweep.definition.name} (${sweep.id}) is about to end`);
    switch (action.action) {
      case 'stop':
        await this.#record([this.#decision('stop', `by ${by}`)]);
        runner.requestEnd({
          state: 'stopped',
          reason: `stopped by ${by}`,
          running: 'cancel',
          queued: 'keep',
        });
        return { message: 'it stops: what runs is cancelled' };
      case 'add': {
        const { definition } = runner.dispatcher;
        const parameters = completeTrial(definition, this.#amendments.bounds, action.parameters, book.size);
        const number = await runner.dispatcher.add(parameters);
        await this.#record([this.#decision('add', `by ${by}`, number)]);
        return { message: `trial ${number} is added: ${JSON.stringify(parameters)}` };
      }
      case 'cancel': {
        const decide = (number: number): DecisionRecord => this.#decision('cancel', `by ${by}`, number);
        return { message: await cancelTrials(runner, book, action.trials, `cancelled by ${by}`, decide) };
      }
      case 'retry': {
        const decide = (number: number): DecisionRecord => this.#decision('retry', `by ${by}`, number);
        return { message: await retryTrials(runner, book, action.trials, decide) };
      }
      case 'quarantine':
        this.#checkWorker(action.worker);
        return await this.#amend(action, by);
      case 'release':
        if (!this.#amendments.quarantined?.[action.worker] && runner.fleet.release(action.worker)) {
          await this.#record([this.#decision('release', `worker ${action.worker} by ${by}`)]);
          return { message: `worker ${action.worker} is released` };
        }
        return await this.#amend(action, by);
      default:
        return await this.#amend(action, by);
    }
  }

  async #amend(action: Amending, by: string): Promise<ActionAnswer> {
    const { sweep, say } = this.parts;
    const result = amend(sweep.definition, this.#amendments, action, by);
    if (!result.ok) throw result.wrong ? new UsageError(result.problem) : new UserFacingError(result.problem);
    const { amendments, changes } = result;
    if (changes.length === 0) return { message: 'nothing changes: it is so already' };
    const message = changes.join(', ');
    await this.#record([this.#decision(action.action, `${message} (by ${by})`)], amendments);
    this.#amendments = amendments;
    await this.#apply(action);
    say(`${message} (by ${by})`);
    return { message };
  }

  async #apply(action: Amending): Promise<void> {
    const { runner, sweep, book } = this.parts;
    const { dispatcher } = runner;
    switch (action.action) {
      case 'pause':
        await dispatcher.pause();
        if (action.now) await requeueRunning(runner, book, this.#amendments.paused?.reason ?? 'paused');
        return;
      case 'resume':
        return dispatcher.resume();
      case 'set': {
        const definition = amended(sweep.definition, this.#amendments);
        const space = compileSpace(definition, this.#amendments.bounds);
        return dispatcher.replan(definition, createSampler(definition, space, this.parts.earlier));
      }
      case 'quarantine':
      case 'release':
        runner.fleet.bar(Object.keys(this.#amendments.quarantined ?? {}));
        return dispatcher.wake();
      case 'priority':
        return;
    }
  }

  #checkWorker(worker: string): void {
    const { ids } = this.parts.runner.fleet;
    if (ids.includes(worker)) return;
    const known = ids.length === 0 ? 'there is none' : `there are ${ids.slice(0, 20).join(', ')}`;
    throw new UsageError(`no worker "${worker}" takes this sweep's trials; ${known}`);
  }

  #decision(action: string, reason: string, number?: number): DecisionRecord {
    const { id: sweepId } = this.parts.sweep;
    return { sweepId, action, reason, decidedAt: this.#now(), ...(number === undefined ? {} : { number }) };
  }

  async #record(decisions: readonly DecisionRecord[], amendments?: Amendments): Promise<void> {
    const { store, sweep } = this.parts;
    await store.record({ sweepId: sweep.id, decisions, ...(amendments && { amendments }) });
  }
}
