import type { JetStreamManager, Msg } from 'nats';
import type { Subscription } from './bus.js';
import { decodeMessage, MessageRefusedError } from './codec.js';
import type { BusConnection } from './connection.js';
import { messageOf } from '../support/errors.js';
import { workerStateSchema, type WorkerState } from './messages.js';
import { isReachable } from './reachable.js';
import { bucketStream, fleetBucket, keySubject } from './subjects.js';

type OnChange = (workerId: string, state: WorkerState | undefined) => void;

/** Workers that are asked whether they are there, at a time: so many that a thousand cost nothing. */
const askedAtOnce = 25;
/** So long a worker whose connection was lost may take to come back: it tries within a second. Milliseconds. */
const patience = 2_500;

/**
 * Follows the bucket `fleet`. A put is a message on the key's subject, so an ordinary subscription sees it at once and
 * outlives every restart of nats-server; the bucket itself is read at the start and after a reconnection. JetStream
 * tells nobody that a key's time is over, so whoever was not heard of for `ttl` (by our own clock) is gone.
 *
 * Who was killed is missed sooner: nats-server knows that its connection is closed. Workers that have been silent for a
 * tenth of `ttl` are asked, and one whose connection is closed, and still so when it could have come back, is gone.
 */
export class FleetWatch implements Subscription {
  /** When each was heard of last. The longest silent come first. */
  readonly #heard = new Map<string, number>();
  /** Since when the connection of a worker is known to be closed. */
  readonly #closedSince = new Map<string, number>();
  readonly #stops: (() => void)[] = [];

  constructor(
    private readonly connection: BusConnection,
    private readonly manager: JetStreamManager,
    private readonly ttl: number,
    private readonly onChange: OnChange,
  ) {
    const subscription = connection.nats.subscribe(keySubject(fleetBucket, '*'), {
      callback: (error, message) => {
        if (!error) this.#received(message);
      },
    });
    const timer = setInterval(() => this.#look(), ttl / 20).unref();
    this.#stops.push(
      () => subscription.unsubscribe(),
      () => clearInterval(timer),
      connection.onReconnect(() => this.#reconnected()),
    );
  }

  /** Hands over the present state of every worker. */
  async readPresent(): Promise<void> {
    const stream = bucketStream(fleetBucket);
    const subjects = await this.manager.streams.info(stream, {
      subjects_filter: keySubject(fleetBucket, '*'),
    });
    for (const subject of Object.keys(subjects.state.subjects ?? {})) {
      const workerId = subject.slice(keySubject(fleetBucket, '').length);
      // Heard of since: newer than what is stored.
      if (this.#heard.has(workerId)) continue;
      const stored = await this.manager.streams
        .getMessage(stream, { last_by_subj: subject })
        .catch(() => undefined);
      if (stored && stored.header.get('KV-Operation') === '') this.#accept(workerId, stored.data);
    }
  }

  stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    return Promise.resolve();
  }

  #received(message: Msg): void {
    const workerId = message.subject.slice(keySubject(fleetBucket, '').length);
    if (message.headers?.get('KV-Operation')) this.#forget(workerId);
    else this.#accept(workerId, message.data);
  }

  #accept(workerId: string, data: Uint8Array): void {
    try {
      const state = decodeMessage(`state of worker ${workerId}`, workerStateSchema, data);
      this.#noteHeard(workerId, performance.now());
      this.onChange(workerId, state);
    } catch (error) {
      if (!(error instanceof MessageRefusedError)) throw error;
      this.connection.log(`${error.message}; ignored`);
    }
  }

  #noteHeard(workerId: string, at: number): void {
    this.#heard.delete(workerId);
    this.#heard.set(workerId, at);
    this.#closedSince.delete(workerId);
  }

  #forget(workerId: string): void {
    this.#closedSince.delete(workerId);
    if (this.#heard.delete(workerId)) this.onChange(workerId, undefined);
  }

  #look(): void {
    // Nobody can be heard while the connection is away: that says nothing about the workers.
    if (!this.connection.connected) return;
    const now = performance.now();
    let asked = 0;
    for (const [workerId, at] of [...this.#heard]) {
      if (at < now - this.ttl) this.#forget(workerId);
      else if (at > now - this.ttl / 10 || asked++ === askedAtOnce) break;
      else this.#ask(workerId, at);
    }
  }

  /** @param heardAt when it was heard of last */
  #ask(workerId: string, heardAt: number): void {
    isReachable(this.connection, workerId).then(
      (reachable) => {
        // It spoke meanwhile.
        if (this.#heard.get(workerId) !== heardAt) return;
        if (reachable !== false) return void this.#closedSince.delete(workerId);
        const now = performance.now();
        const since = this.#closedSince.get(workerId) ?? now;
        this.#closedSince.set(workerId, since);
        if (now - since >= patience) this.#forget(workerId);
      },
      (error: unknown) => this.connection.log(`could not ask for ${workerId}: ${messageOf(error)}`),
    );
  }

  #reconnected(): void {
    const now = performance.now();
    for (const workerId of [...this.#heard.keys()]) this.#noteHeard(workerId, now);
    this.readPresent().catch((error: unknown) => {
      this.connection.log(`could not read the fleet: ${messageOf(error)}`);
    });
  }
}
