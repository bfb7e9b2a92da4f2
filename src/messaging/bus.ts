import type { TrialKey } from '../sweep/trial.js';
import type { Checkpoint } from './checkpoints.js';
import type {
  Assignment,
  Claim,
  ClaimReply,
  Command,
  CommandReply,
  ControlReply,
  ControlRequest,
  Report,
  SubmitReply,
  SubmitRequest,
  WorkerState,
} from './messages.js';

/** The coordinator's side of the bus. Its adapter is `nats-coordinator-bus.ts`. */
export interface CoordinatorBus {
  /**
   * From now on workers of the pool can wait for its assignments. Who waits before that is not heard, and asks again
   * half a second later; so open it before they come.
   */
  openPool(pool: string): Promise<void>;
  /**
   * Resolves when the stream has stored all of them; a repeated `messageId` is stored once.
   * Survives a restart of nats-server: it tries again under the same ids. An id that the stream took within the last
   * five minutes is not stored again, even when its assignment was taken or withdrawn since: what is to be published
   * anew gets another id (claims make a second delivery harmless).
   * @throws MessageTooLargeError when one has more than 1,000,000 bytes; nothing was published then
   */
  publishAssignments(
    pool: string,
    assignments: readonly { messageId: string; assignment: Assignment }[],
  ): Promise<void>;
  /** How many assignments of a pool (of one sweep in it) wait for a worker or are with one. */
  pendingAssignments(pool: string, sweepId?: string): Promise<number>;
  /**
   * For when assignments wait in the stream, slots are free, and yet none is delivered: everything in the stream is
   * delivered again, what workers hold too (claims make that harmless).
   */
  restartDelivery(pool: string): Promise<void>;
  /** Takes back what waits for a worker: workers shall not hold assignments that nobody answers for any more. */
  withdrawAssignments(sweepId: string): Promise<void>;
  /**
   * Hands over what arrived, in groups (whatever came within about 10 ms, 30 where much comes; at most 500), for one
   * sweep. A group is acknowledged after the handler resolves; if it rejects, the same group is handed over again after
   * a pause, and nothing after it before. Reports of one worker come in the order they were sent. Some come again after
   * a restart of either side. What a former consumer of the sweep had not acknowledged comes first.
   */
  consumeReports(
    sweepId: string,
    handle: (reports: readonly Report[]) => Promise<void>,
  ): Promise<ReportsSubscription>;
  /**
   * For a finished sweep: drops its reports, read or not; those that lie behind reports of an unfinished sweep when that
   * is finished too.
   */
  forgetReports(sweepId: string): Promise<void>;
  /** A claim that was answered may come again, when the answer was lost on the way. */
  answerClaims(sweepId: string, answer: (claim: Claim) => ClaimReply): Subscription;
  /** The present state of every worker first, then every change; `undefined` when it is gone. */
  watchFleet(onChange: (workerId: string, state: WorkerState | undefined) => void): Promise<Subscription>;
  /** For the coordinator that runs the sweep: requests of other processes. Answers that reject are not sent. */
  answerControl(sweepId: string, answer: (request: ControlRequest) => Promise<ControlReply>): Subscription;
  /**
   * Asks the coordinator that runs the sweep; undefined where none does.
   * @throws EnvironmentError where it does not answer
   */
  requestControl(sweepId: string, request: ControlRequest): Promise<ControlReply | undefined>;
  /** For the coordinator that stays: sweeps of other processes. */
  answerSubmissions(answer: (request: SubmitRequest) => Promise<SubmitReply>): Subscription;
  /** Hands a sweep to the coordinator that stays; undefined where there is none. @throws EnvironmentError */
  submit(request: SubmitRequest): Promise<SubmitReply | undefined>;
  /** Rejects with `WorkerUnreachableError` when no worker of that id answers. */
  sendCommand(workerId: string, command: Command): Promise<CommandReply>;
  /**
   * At most one coordinator holds the lease of a sweep; the bus renews it until released. `undefined`: another one
   * lives and holds it. A lease that nobody renews is waited for (6 s), unless `isGone` says that its holder is dead.
   * @throws AwayError
   */
  acquireLease(
    sweepId: string,
    holder: string,
    isGone?: (holder: string) => boolean,
  ): Promise<Lease | undefined>;
  leaseHolder(sweepId: string): Promise<string | undefined>;
  /** The numbers of the sweep's trials that have a checkpoint. */
  checkpoints(sweepId: string): Promise<number[]>;
  dropCheckpoints(sweepId: string, numbers: readonly number[]): Promise<void>;
  close(): Promise<void>;
}

/** A worker's side of the bus. Its adapter is `nats-worker-bus.ts`. */
export interface WorkerBus {
  /** The next assignment of the pool; waits until one comes or the signal aborts (`undefined`). */
  nextAssignment(pool: string, signal: AbortSignal): Promise<Delivery | undefined>;
  /**
   * Waits for a coordinator as long as none answers and the signal is not aborted (`undefined`). Callers bound the wait
   * (a few seconds) and give the assignment back, so that one sweep without a coordinator holds up no other.
   */
  claim(claim: Claim, signal: AbortSignal): Promise<ClaimReply | undefined>;
  /**
   * Queues the report; it is sent in order and again after lost connections, under the same message id.
   * @throws MessageTooLargeError when it has more than 1,000,000 bytes, ReportBacklogError when 256 Mi characters wait
   * already and it is one of kind `metrics` (how an attempt ends is always taken). It is not queued then.
   */
  report(report: Report): void;
  /** Resolves when all reports that were given until now are stored by the stream; later ones are not waited for. */
  flushReports(): Promise<void>;
  /**
   * Keeps what the trial needs to go on from here; replaces what was kept of it before as soon as it is whole.
   * Rejects where it can't be stored: the one before stays.
   */
  saveCheckpoint(trial: TrialKey, checkpoint: Checkpoint): Promise<void>;
  /** The newest checkpoint of a trial; undefined where there is none. Waits for a lost nats-server. */
  loadCheckpoint(trial: TrialKey): Promise<Checkpoint | undefined>;
  /** Tells the fleet. A heartbeat that can't be sent is dropped: the next one says the same. */
  announce(state: WorkerState): Promise<void>;
  answerCommands(workerId: string, answer: (command: Command) => CommandReply): Subscription;
  close(): Promise<void>;
}

export interface Delivery {
  readonly assignment: Assignment;
  /** How often this message was delivered before, as far as nats-server remembers. */
  readonly redeliveries: number;
  /** "Still at it": restarts the acknowledgement wait (30 s). */
  working(): void;
  /** Done with; not delivered again, unless nats-server is killed and forgets it. */
  done(): Promise<void>;
  /** To be delivered again, to anyone, after this many milliseconds. */
  giveBack(delay: number): void;
}

export interface Subscription {
  stop(): Promise<void>;
}

export interface ReportsSubscription extends Subscription {
  /** Resolves when all that the stream held by now is handled, or it was stopped. New ones may keep coming meanwhile. */
  caughtUp(): Promise<void>;
}

export interface Lease {
  /** Aborts when the lease was lost to another holder. */
  readonly lost: AbortSignal;
  /**
   * Whether nobody else can have it by now: it was renewed within its time. False while nats-server is away, and after
   * this process was stopped, until the next renewal tells; whoever acts on the lease alone waits for that.
   */
  readonly isCertain: boolean;
  release(): Promise<void>;
}
