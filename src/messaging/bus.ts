import type {
  Assignment,
  Claim,
  ClaimReply,
  Command,
  CommandReply,
  Report,
  WorkerState,
} from './messages.js';

/** The coordinator's side of the bus. Its adapter is `nats-coordinator-bus.ts`. */
export interface CoordinatorBus {
  /**
   * Resolves when the stream has stored all of them; a repeated `messageId` is stored once.
   * Survives a restart of nats-server: it tries again under the same ids.
   */
  publishAssignments(
    pool: string,
    assignments: readonly { messageId: string; assignment: Assignment }[],
  ): Promise<void>;
  /** How many assignments of a pool wait for a worker or are with one. */
  pendingAssignments(pool: string): Promise<number>;
  /**
   * Hands over what arrived, in groups (whatever came within about 10 ms, at most 500), for one sweep. A group is
   * acknowledged after the handler resolves, and delivered again if it rejects. Returns what ends it.
   */
  consumeReports(
    sweepId: string,
    handle: (reports: readonly Report[]) => Promise<void>,
  ): Promise<Subscription>;
  answerClaims(sweepId: string, answer: (claim: Claim) => ClaimReply): Subscription;
  /** The present state of every worker first, then every change; `undefined` when it is gone. */
  watchFleet(onChange: (workerId: string, state: WorkerState | undefined) => void): Promise<Subscription>;
  /** Rejects with `WorkerUnreachableError` when no worker of that id answers. */
  sendCommand(workerId: string, command: Command): Promise<CommandReply>;
  /** At most one coordinator holds the lease of a sweep; the holder renews it until released. */
  acquireLease(sweepId: string, holder: string): Promise<Lease | undefined>;
  close(): Promise<void>;
}

/** A worker's side of the bus. Its adapter is `nats-worker-bus.ts`. */
export interface WorkerBus {
  /** The next assignment of the pool; waits until one comes or the signal aborts (`undefined`). */
  nextAssignment(pool: string, signal: AbortSignal): Promise<Delivery | undefined>;
  /** Waits for a coordinator as long as none answers and the signal is not aborted (`undefined`). */
  claim(claim: Claim, signal: AbortSignal): Promise<ClaimReply | undefined>;
  /** Queues the report; it is sent in order and again after lost connections, under the same message id. */
  report(report: Report): void;
  /** Resolves when all queued reports are stored by the stream. */
  flushReports(): Promise<void>;
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
  /** Done with; never delivered again. */
  done(): Promise<void>;
  /** To be delivered again, to anyone, after this many milliseconds. */
  giveBack(delay: number): void;
}

export interface Subscription {
  stop(): Promise<void>;
}

export interface Lease {
  /** Aborts when the lease was lost to another holder. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}
