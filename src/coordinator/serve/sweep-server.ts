import { isAbsolute } from 'node:path';
import type { ActionAnswer, SubmitAnswer, SweepControl } from '../../dashboard/server/control.js';
import type { Lease } from '../../messaging/bus.js';
import type { DecisionRecord, SweepRecord, SweepStore } from '../../store/sweep-store.js';
import type { SweepAction } from '../../sweep/steering/sweep-action.js';
import { messageOf, UsageError, UserFacingError } from '../../support/errors.js';
import { runSweep, type RunningSweep } from '../run-sweep.js';
import { holderName, isGone } from '../holder.js';
import { alreadyRunning, type Nats } from '../session.js';
import { actOnStored } from '../steering/act-on-stored.js';
import { actionsFor, controlOf } from '../steering/control.js';
import { checkSweepText } from '../sweep-text.js';
import { takeSweep } from '../take-sweep.js';
import { PoolSharing } from './share-pools.js';

export interface SweepServerOptions {
  readonly store: SweepStore;
  readonly nats: Nats;
  readonly directory: string;
  /** One line about what happens. */
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
}

export interface Submission {
  /** The text of the sweep file. */
  readonly source: string;
  /** What a relative path in it starts from: an absolute path. Absent: there may be none. */
  readonly baseDirectory?: string | undefined;
  /** A new sweep, also where the same one is stored. @default false */
  readonly again?: boolean | undefined;
}

/**
 * Several sweeps at once, each with its own runner and lease: one that ends, or can't go on, leaves the others alone.
 * They share their pools fairly.
 */
export class SweepServer {
  readonly #running = new Map<string, RunningSweep>();
  readonly #ends = new Set<Promise<void>>();
  readonly #sharing = new PoolSharing(this.#running);
  /** Sweeps are taken one after another: of two equal ones that come together only one begins. */
  #last: Promise<unknown> = Promise.resolve();
  #closing = false;

  constructor(private readonly options: SweepServerOptions) {}

  /** Sweeps that run here, by id. */
  get running(): ReadonlyMap<string, RunningSweep> {
    return this.#running;
  }

  /** Goes on with every sweep that is stored as running and that nobody else runs. */
  async begin(): Promise<void> {
    const { store, warn } = this.options;
    const sweeps = (await store.listSweeps()).filter(({ state }) => state === 'running');
    for (const sweep of sweeps.reverse())
      await this.#inTurn(() => this.#goOn(sweep)).catch((error: unknown) =>
        warn(`sweep ${sweep.definition.name} (${sweep.id}) does not go on: ${messageOf(error)}`),
      );
  }

  /** @throws UsageError with all problems of the file, UserFacingError where another coordinator runs the sweep */
  async submit({ source, baseDirectory, again = false }: Submission): Promise<SubmitAnswer> {
    if (this.#closing) throw new UserFacingError('this coordinator is about to end');
    if (baseDirectory !== undefined && !isAbsolute(baseDirectory))
      throw new UsageError(`the base directory is ${baseDirectory}, but must be an absolute path`);
    const definition = await checkSweepText(source, baseDirectory);
    return await this.#inTurn(async () => {
      const { store, nats, say } = this.options;
      const before = await store.findSweep(definition.name);
      const { signal } = new AbortController();
      const request = { definition, again, retryFailed: false };
      if (!again && before && this.#running.has(before.id) && isSame(before, definition))
        return { sweepId: before.id, name: definition.name, state: 'runs already' };
      const taken = await takeSweep({ store, bus: nats.bus, request, source, standby: false, signal, say });
      if (taken.kind === 'interrupted') throw new UserFacingError('this coordinator is about to end');
      const answer = { sweepId: taken.sweep.id, name: definition.name };
      if (taken.kind === 'ended') return { ...answer, state: 'finished' };
      await this.#run(taken.sweep, taken.lease, false);
      return { ...answer, state: taken.isNew ? 'begins' : 'goes on' };
    });
  }

  /** What the dashboard may ask. */
  get control(): SweepControl {
    const { nats, store } = this.options;
    const here = new Map<string, RunningSweep['steering']>();
    const steered = (): ReadonlyMap<string, RunningSweep['steering']> => {
      here.clear();
      for (const [id, { steering }] of this.#running) here.set(id, steering);
      return here;
    };
    const act: SweepControl['act'] = async (sweepId, action, by) => {
      const sweep = await store.findSweep(sweepId);
      if (sweep && sweep.state !== 'running' && !this.#running.has(sweepId))
        return await this.#inTurn(() => this.#wake(sweep, action, by));
      return await controlOf(nats.bus, steered()).act(sweepId, action, by);
    };
    return {
      act,
      submit: (request) => this.submit(request),
      offers: (sweep) =>
        sweep.state === 'running'
          ? actionsFor(sweep)
          : sweep.state === 'completed'
            ? ['retry']
            : ['resume', 'retry', 'set', 'priority'],
    };
  }

  /** In order: what runs goes back to the queue, and every sweep stays one that the next `serve` goes on with. */
  async interrupt(reason: string): Promise<void> {
    this.#closing = true;
    await this.#last.catch(() => undefined);
    for (const running of this.#running.values()) running.interrupt(reason);
    await Promise.all(this.#ends);
    this.#sharing.stop();
  }

  async #inTurn<T>(what: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(what);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  /** A sweep that nobody runs: some actions set it going again. */
  async #wake(sweep: SweepRecord, action: SweepAction, by: string): Promise<ActionAnswer> {
    const isRetry = action.action === 'retry' && action.trials === undefined;
    const goesOn = isRetry || (action.action === 'resume' && sweep.state !== 'completed');
    if (!goesOn) {
      const lease = await this.#lease(sweep);
      try {
        return await actOnStored(this.options.store, sweep, action, by, '`resume` goes on with it');
      } finally {
        await lease.release();
      }
    }
    const { store } = this.options;
    if (isRetry && (await store.countTrials(sweep.id)).failed === 0)
      throw new UserFacingError('no trial has failed');
    const decision = { sweepId: sweep.id, action: action.action, reason: `by ${by}`, decidedAt: Date.now() };
    const running = await this.#run(sweep, await this.#lease(sweep), isRetry, decision);
    if (sweep.amendments?.paused && !isRetry) await running.steering.act({ action: 'resume' }, by);
    return { message: isRetry ? 'it goes on, with the trials that failed' : 'it goes on' };
  }

  async #goOn(sweep: SweepRecord): Promise<void> {
    const lease = await this.options.nats.bus.acquireLease(sweep.id, holderName(), isGone);
    if (lease) await this.#run(sweep, lease, false);
    else this.options.say((await alreadyRunning(this.options.nats.bus, sweep)).message);
  }

  async #lease(sweep: SweepRecord): Promise<Lease> {
    const { bus } = this.options.nats;
    const lease = await bus.acquireLease(sweep.id, holderName(), isGone);
    if (lease) return lease;
    throw await alreadyRunning(bus, sweep);
  }

  async #run(
    sweep: SweepRecord,
    lease: Lease,
    retryFailed: boolean,
    decision?: DecisionRecord,
  ): Promise<RunningSweep> {
    const { store, nats, directory, say, warn } = this.options;
    const title = `sweep ${sweep.definition.name} (${sweep.id})`;
    const named = (tell: (line: string) => void) => (line: string) =>
      tell(`${sweep.definition.name}: ${line}`);
    // From now on workers of its pool are let in.
    const invitation = await nats.invitationFor(sweep.definition.workers.pool);
    const running = await runSweep({
      sweep,
      lease,
      store,
      nats,
      directory,
      retryFailed,
      workers: 0,
      dashboard: false,
      say: named(say),
      warn: named(warn),
      onEnded: () => undefined,
    });
    if (decision) await store.record({ sweepId: sweep.id, decisions: [decision] });
    this.#running.set(sweep.id, running);
    this.#sharing.divide(Date.now());
    const end = this.#untilEnded(sweep, title, running).finally(() => this.#ends.delete(end));
    this.#ends.add(end);
    say(`${title} runs; workers of its pool join with: ${invitation}`);
    return running;
  }

  async #untilEnded(sweep: SweepRecord, title: string, running: RunningSweep): Promise<void> {
    const { store, say, warn } = this.options;
    try {
      const { state, reason, counts } = await running.outcome;
      say(
        `${title} is ${state}${reason === undefined ? '' : `: ${reason}`}; ${counts.completed} trials completed`,
      );
      // It was not the user who ended it.
      if (this.#closing && state === 'stopped') await store.setSweepState(sweep.id, 'running');
    } catch (error) {
      warn(`${title}: ${messageOf(error)}`);
    } finally {
      this.#running.delete(sweep.id);
      await running.close().catch((error: unknown) => warn(`${title}: ${messageOf(error)}`));
    }
  }
}

function isSame(sweep: SweepRecord, definition: SweepRecord['definition']): boolean {
  return JSON.stringify(sweep.definition) === JSON.stringify(definition);
}
