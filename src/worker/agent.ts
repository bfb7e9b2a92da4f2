import type { Subscription, WorkerBus } from '../messaging/bus.js';
import { protocolVersion, type Command, type CommandReply } from '../messaging/messages.js';
import { messageOf } from '../support/errors.js';
import { FailureClass } from '../sweep/trial.js';
import { Announcer, type Machine } from './announcer.js';
import { Intake, type ClaimedAssignment } from './intake.js';
import { Lookahead } from './lookahead.js';
import { PackSizes } from './packs/pack-sizes.js';
import { PackRun, type Verdict } from './pack-run.js';
import { refusal, type Permissions } from './permissions.js';
import { Settlement } from './settlement.js';
import { failure } from './threads/failure-of.js';
import type { ThreadPool } from './threads/thread-pool.js';

export const AgentState = {
  Initialized: 'INITIALIZED',
  /** Takes assignments. */
  Running: 'RUNNING',
  /** Takes no more, and hands back what it has. */
  Draining: 'DRAINING',
  Stopped: 'STOPPED',
} as const;
export type AgentState = (typeof AgentState)[keyof typeof AgentState];

export interface AgentOptions {
  readonly machine: Machine;
  readonly permissions: Permissions;
  /** Milliseconds that a trial has to end when it is asked to, and that draining takes. @default 10 000 */
  readonly grace?: number;
  /** Milliseconds without a report after which an attempt counts as hanging. @default never */
  readonly hangAfter?: number;
  /** Milliseconds between signs of life for each assignment: a third of the acknowledgement wait. @default 10 000 */
  readonly workingInterval?: number;
  /** Milliseconds for which an assignment waits for its coordinator before it makes room for others. @default 5 000 */
  readonly claimPatience?: number;
  /** @default none are known, and none remembered */
  readonly packSizes?: PackSizes;
  readonly log: (text: string) => void;
}

/** What of the machine's memory trials may take, all slots together. */
const memoryShare = 0.8;
/** A thread's WebAssembly memory ends at 2 GiB, and not all of it is tensors. */
const wasmBytes = 1.5 * 2 ** 30;
const limitsInterval = 500;
/** Milliseconds for which an assignment that was taken ahead waits for a slot. */
const patience = 250;
/** Milliseconds at the end for results to be stored. */
const farewell = 5_000;

/**
 * Takes assignments, gives each a slot, keeps them alive and sends what they report. Owns neither bus nor threads;
 * both must stay open until `stopped`.
 */
export class Agent {
  /** Resolves when it has drained; rejects when the bus can't go on. */
  readonly stopped: Promise<void>;
  #state: AgentState = AgentState.Initialized;
  readonly #intake: Intake;
  readonly #settlement: Settlement;
  readonly #announcer: Announcer;
  readonly #lookahead = new Lookahead();
  readonly #sizes: PackSizes;
  /** Claimed and not settled yet. */
  readonly #open = new Set<ClaimedAssignment>();
  readonly #waiting: PackRun[] = [];
  readonly #training = new Set<PackRun>();
  #lastStart = 0;
  #completed = 0;
  #commands: Subscription | undefined;
  #timers: NodeJS.Timeout[] = [];
  #slotFreed: (() => void) | undefined;
  #stop!: { resolve: () => void; reject: (error: unknown) => void };

  constructor(
    private readonly bus: WorkerBus,
    private readonly pool: ThreadPool,
    private readonly options: AgentOptions,
  ) {
    const { id, pool: poolName } = options.machine;
    const onError = (error: unknown): void => this.#fatal(error);
    this.stopped = new Promise((resolve, reject) => (this.#stop = { resolve, reject }));
    this.#intake = new Intake({
      bus,
      workerId: id,
      pool: poolName,
      claimPatience: options.claimPatience ?? 5_000,
      onClaimed: (claimed) => this.#take(claimed),
      onNothing: () => this.#pump(),
      onError,
    });
    this.#sizes = options.packSizes ?? new PackSizes();
    this.#settlement = new Settlement(bus, (claimed) => this.#open.delete(claimed), onError);
    this.#announcer = new Announcer(
      bus,
      options.machine,
      () => ({
        state: this.#state,
        running: this.#running(),
        busy: this.#training.size,
        packs: this.#sizes.announced,
      }),
      options.log,
    );
  }

  get state(): AgentState {
    return this.#state;
  }

  /** How many assignments it has finished. */
  get finished(): number {
    return this.#completed;
  }

  start(): void {
    // Told to drain before it began.
    if (this.#state === AgentState.Stopped) return;
    if (this.#state !== AgentState.Initialized) throw new Error(`agent is ${this.#state}, it starts once`);
    this.#state = AgentState.Running;
    const { machine, workingInterval = 10_000 } = this.options;
    this.#commands = this.bus.answerCommands(machine.id, (command) => this.#obey(command));
    this.#announcer.start();
    this.#timers.push(
      setInterval(() => this.#keepAlive(), workingInterval),
      setInterval(() => this.#look(), limitsInterval),
    );
    this.#pump();
  }

  /** Takes no more, asks what runs to end, and hands it back. `stopped` resolves within the grace time, about. */
  drain(reason: string): void {
    if (this.#state === AgentState.Initialized) {
      this.#state = AgentState.Stopped;
      this.#stop.resolve();
    }
    if (this.#state !== AgentState.Running) return;
    this.#state = AgentState.Draining;
    this.options.log(`draining: ${reason}`);
    this.#announcer.changed();
    this.#drain({ kind: 'returned', reason }).catch(this.#stop.reject);
  }

  async #drain(verdict: Verdict): Promise<void> {
    const { grace = 10_000 } = this.options;
    for (const run of this.#waiting.splice(0)) run.decline(verdict);
    for (const run of this.#training) run.end(verdict);
    // What is claimed meanwhile is declined as it comes (`#take`).
    await this.#intake.stop(Math.min(2_000, grace));
    await this.#slotsFree();
    await within(farewell, this.#settlement.finished());
    this.#state = AgentState.Stopped;
    for (const timer of this.#timers) clearInterval(timer);
    await within(farewell, Promise.all([this.#announcer.stop(), this.#commands?.stop()]));
    this.#stop.resolve();
  }

  async #slotsFree(): Promise<void> {
    while (this.#training.size > 0) await new Promise<void>((resolve) => (this.#slotFreed = resolve));
  }

  #take(claimed: ClaimedAssignment): void {
    this.#open.add(claimed);
    const { machine, permissions, grace = 10_000, hangAfter, log } = this.options;
    const run = new PackRun(claimed, {
      workerId: machine.id,
      grace,
      ...(hangAfter === undefined ? {} : { hangAfter }),
      send: (report) => this.bus.report(report),
      stored: () => this.bus.flushReports(),
      checkpoints: {
        save: (trial, checkpoint) => this.bus.saveCheckpoint(trial, checkpoint),
        load: (trial) => this.bus.loadCheckpoint(trial),
      },
      sizes: this.#sizes,
      slotBytes: slotBytes(machine),
      log,
      onFree: (free) => this.#free(free),
      onFinished: (finished) => {
        this.#completed++;
        this.#settlement.add(finished.claimed);
      },
    });
    const refused = refusal(run.assignment.trainable, permissions);
    if (this.#state !== AgentState.Running) run.decline({ kind: 'returned', reason: 'the worker drains' });
    else if (refused) run.decline({ kind: 'failed', failure: failure(FailureClass.Setup, refused) });
    else this.#waiting.push(run);
    this.#pump();
  }

  /** Fills the free slots, and sees to it that enough is on its way. */
  #pump(): void {
    if (this.#state !== AgentState.Running) return;
    const { slots } = this.options.machine;
    while (this.#training.size < slots) {
      const run = this.#waiting.shift();
      if (!run) break;
      // Whoever was to stop while it waited has its result.
      if (run.running.length === 0) continue;
      this.#training.add(run);
      this.#lastStart = performance.now();
      run.start(this.pool);
      this.#announcer.changed();
    }
    this.#intake.want(slots - this.#training.size + this.#lookahead.depth - this.#waiting.length);
  }

  #free(run: PackRun): void {
    this.#training.delete(run);
    this.#lookahead.record(run.age);
    this.#announcer.changed();
    this.#slotFreed?.();
    this.#pump();
  }

  #running(): PackRun['running'] {
    return [...this.#training].flatMap((run) => run.running);
  }

  #obey(command: Command): CommandReply {
    if (command.kind === 'drain') {
      this.drain(command.reason);
      return { version: protocolVersion, accepted: true };
    }
    const { sweepId, number, attempt, state, reason } = command;
    for (const run of [...this.#training, ...this.#waiting]) {
      if (
        run.assignment.sweepId === sweepId &&
        run.stop(number, attempt, { kind: 'stopped', state, reason })
      ) {
        return { version: protocolVersion, accepted: true };
      }
    }
    const message = `attempt ${attempt} of trial ${sweepId}-${number} does not run here`;
    return { version: protocolVersion, accepted: false, message };
  }

  #keepAlive(): void {
    for (const delivery of this.#intake.held) delivery.working();
    for (const { delivery } of this.#open) delivery.working();
  }

  #look(): void {
    for (const run of this.#training) run.checkLimits();
    // Trials have become long: others may have a slot for what was taken ahead.
    if (this.#waiting.length > 0 && performance.now() - this.#lastStart > patience) {
      const reason = 'taken ahead, and no slot got free';
      for (const run of this.#waiting.splice(0)) run.decline({ kind: 'returned', reason });
    }
  }

  #fatal(error: unknown): void {
    if (this.#state === AgentState.Stopped) return;
    this.options.log(`can't go on: ${messageOf(error)}`);
    this.#state = AgentState.Stopped;
    for (const timer of this.#timers) clearInterval(timer);
    this.#announcer.cancel();
    this.#stop.reject(error);
  }
}

/** Bytes that a pack may take in one slot. */
function slotBytes({ memoryBytes, slots, backend }: Machine): number {
  const share = (memoryBytes * memoryShare) / slots;
  return backend === 'wasm' ? Math.min(share, wasmBytes) : share;
}

/** Waits for it, but not longer than this many milliseconds. */
async function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
