import { setMaxListeners } from 'node:events';
import type { Delivery, WorkerBus } from '../messaging/bus.js';
import { protocolVersion } from '../messaging/messages.js';

/** An assignment that the coordinator wants from this worker. */
export interface ClaimedAssignment {
  readonly delivery: Delivery;
  /** Attempt by trial number: the members to train. The others are not wanted. */
  readonly attempts: ReadonlyMap<number, number>;
  /** Milliseconds after which to ask again for the members that someone else still runs. */
  readonly retryAfter?: number;
}

/** Milliseconds until an assignment whose coordinator did not answer comes again. */
const absentDelay = 10_000;
/**
 * Milliseconds without taking anything when a sweep has nothing for this worker (quarantine), doubled each time in a row:
 * other sweeps of the pool may have.
 */
const firstRest = 250;
const longestRest = 4_000;

export interface IntakeOptions {
  readonly bus: WorkerBus;
  readonly workerId: string;
  readonly pool: string;
  /** Milliseconds. A sweep whose coordinator does not answer for so long must not keep the slots from others. */
  readonly claimPatience: number;
  readonly onClaimed: (claimed: ClaimedAssignment) => void;
  /** What was taken is not wanted, or not yet: there is room for another. */
  readonly onNothing: () => void;
  /** Something that makes it pointless to go on; the agent ends. */
  readonly onError: (error: unknown) => void;
}

/**
 * Takes assignments from the pool and claims them. `want` says how many there should be between the first request and
 * `onClaimed`; claims of one sweep that come together are asked in one message.
 */
export class Intake {
  /** What was taken and neither handed on, nor given back, nor acknowledged. */
  readonly held = new Set<Delivery>();
  readonly #stopTaking = new AbortController();
  readonly #stopClaiming = new AbortController();
  readonly #toClaim = new Map<string, Delivery[]>();
  readonly #claiming = new Set<string>();
  #underWay = 0;
  #idle: (() => void) | undefined;
  #resting: NodeJS.Timeout | undefined;
  /** Claims in a row that were refused because the sweep has nothing for this worker. */
  #refusals = 0;

  constructor(private readonly options: IntakeOptions) {
    // One listener for each request under way is no leak.
    setMaxListeners(0, this.#stopTaking.signal);
  }

  /** Assignments that are asked for or being claimed. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Raises what is under way to `count`. Requests that were made are not taken back. */
  want(count: number): void {
    if (this.#resting) return;
    while (this.#underWay < count && !this.#stopTaking.signal.aborted) {
      this.#underWay++;
      void this.#take();
    }
  }

  /**
   * Takes no more. Resolves when everything under way is claimed or given back; claims that are not answered within
   * `patience` milliseconds are given up.
   */
  async stop(patience: number): Promise<void> {
    this.#stopTaking.abort();
    clearTimeout(this.#resting);
    const timer = setTimeout(() => this.#stopClaiming.abort(), patience);
    await new Promise<void>((resolve) => {
      this.#idle = resolve;
      this.#checkIdle();
    });
    clearTimeout(timer);
  }

  async #take(): Promise<void> {
    try {
      const delivery = await this.options.bus.nextAssignment(this.options.pool, this.#stopTaking.signal);
      if (!delivery) return this.#settled();
      this.held.add(delivery);
      const { sweepId } = delivery.assignment;
      const queue = this.#toClaim.get(sweepId);
      if (queue) queue.push(delivery);
      else this.#toClaim.set(sweepId, [delivery]);
      if (!this.#claiming.has(sweepId)) void this.#claim(sweepId);
    } catch (error) {
      this.#settled();
      this.options.onError(error);
    }
  }

  /** One request at a time for each sweep: what comes meanwhile goes together into the next one. */
  async #claim(sweepId: string): Promise<void> {
    this.#claiming.add(sweepId);
    try {
      // What is delivered in this turn of the event loop is claimed together.
      await Promise.resolve();
      for (let batch; (batch = this.#toClaim.get(sweepId));) {
        this.#toClaim.delete(sweepId);
        await this.#claimBatch(sweepId, batch);
      }
    } finally {
      this.#claiming.delete(sweepId);
    }
  }

  async #claimBatch(sweepId: string, batch: readonly Delivery[]): Promise<void> {
    const { bus, workerId, claimPatience, onError } = this.options;
    const numbers = new Set(batch.flatMap(({ assignment }) => assignment.trials.map(({ number }) => number)));
    let reply;
    const patience = AbortSignal.timeout(claimPatience);
    try {
      reply = await bus.claim(
        { version: protocolVersion, workerId, sweepId, numbers: [...numbers] },
        AbortSignal.any([this.#stopClaiming.signal, patience]),
      );
    } catch (error) {
      onError(error);
    }
    const granted = new Map(reply?.granted.map(({ number, attempt }) => [number, attempt]));
    if (granted.size > 0) this.#refusals = 0;
    else if (reply?.unable) this.#rest();
    for (const delivery of batch) {
      this.held.delete(delivery);
      this.#underWay--;
      if (reply) this.#answer(delivery, granted, reply.retryAfter);
      else delivery.giveBack(this.#stopTaking.signal.aborted ? 0 : absentDelay);
    }
    if (!reply) this.options.onNothing();
    this.#checkIdle();
  }

  #answer(delivery: Delivery, granted: Map<number, number>, retryAfter: number | undefined): void {
    const attempts = new Map<number, number>();
    for (const { number } of delivery.assignment.trials) {
      const attempt = granted.get(number);
      // A trial that two messages of the batch name is trained once.
      granted.delete(number);
      if (attempt !== undefined) attempts.set(number, attempt);
    }
    if (attempts.size > 0) {
      const partly = retryAfter !== undefined && attempts.size < delivery.assignment.trials.length;
      this.options.onClaimed({ delivery, attempts, ...(partly ? { retryAfter } : {}) });
      return;
    }
    if (retryAfter === undefined) delivery.done().catch(this.options.onError);
    else delivery.giveBack(retryAfter);
    this.options.onNothing();
  }

  #rest(): void {
    if (this.#resting || this.#stopTaking.signal.aborted) return;
    const time = Math.min(longestRest, firstRest * 2 ** this.#refusals++);
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      this.options.onNothing();
    }, time);
  }

  #settled(): void {
    this.#underWay--;
    this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.#underWay === 0) this.#idle?.();
  }
}
