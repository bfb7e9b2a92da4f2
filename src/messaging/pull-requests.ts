import { type Msg, type Subscription } from 'nats';
import type { BusConnection } from './connection.js';

/** Why a request for messages ended before it got all it asked for. */
export type PullEnd =
  /** Its time was over. */
  | 'expired'
  /**
   * The consumer is not there or refuses, or the connection is lost: something may have been lost on the way. The owner
   * asks again a little later, or when the connection is back.
   */
  | 'interrupted';

export interface PullHandlers {
  /** A message of the stream. It may also come when nothing was asked for: an older request that was thought lost. */
  message(message: Msg): void;
  ended(reason: PullEnd): void;
}

/**
 * Requests live so long at the server, in milliseconds. nats-server says nothing at all to a request for a consumer that
 * does not exist; that is noticed by the silence at the end, so the first requests are short.
 */
const firstExpiry = 250;
const longestExpiry = 20_000;

/**
 * Asks a durable consumer for messages, one request at a time. The client library's own iterators prefetch, or take
 * tens of seconds to notice that a consumer is gone; a worker must hold exactly one message for each free slot.
 */
export class PullRequests {
  readonly #inbox: string;
  readonly #subscription: Subscription;
  readonly #subject: string;
  readonly #stopListening: () => void;
  #left = 0;
  #expiry = firstExpiry;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: BusConnection,
    stream: string,
    consumer: string,
    private readonly handlers: PullHandlers,
  ) {
    this.#subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    this.#inbox = connection.newInbox();
    this.#subscription = connection.nats.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (!error) this.#received(message);
      },
    });
    this.#stopListening = connection.onDisconnect(() => this.#end('interrupted'));
  }

  /** Whether a request is under way. */
  get active(): boolean {
    return this.#left > 0;
  }

  /** Asks for so many messages. `ended` is called unless all of them come. */
  request(batch: number): void {
    this.#left = batch;
    clearTimeout(this.#timer);
    const patience = this.#expiry + Math.min(2000, this.#expiry);
    this.#timer = setTimeout(() => this.#end('interrupted'), patience).unref();
    const request = { batch, expires: this.#expiry * 1e6 };
    this.connection.nats.publish(this.#subject, JSON.stringify(request), { reply: this.#inbox });
  }

  /** Takes the request back. What the server had sent already is still handed over before this resolves. */
  async stop(): Promise<void> {
    this.#left = 0;
    clearTimeout(this.#timer);
    this.#stopListening();
    if (this.connection.connected) await this.#subscription.drain().catch(() => undefined);
    else this.#subscription.unsubscribe();
  }

  #received(message: Msg): void {
    if (message.subject !== this.#inbox) {
      if (this.#left > 0 && --this.#left === 0) clearTimeout(this.#timer);
      this.handlers.message(message);
      return;
    }
    const code = message.headers?.code;
    if (code === 404 || code === 408) this.#end('expired');
    else if (code !== 100) this.#end('interrupted');
  }

  #end(reason: PullEnd): void {
    clearTimeout(this.#timer);
    if (this.#left === 0) return;
    this.#left = 0;
    this.#expiry = reason === 'expired' ? Math.min(longestExpiry, 2 * this.#expiry) : firstExpiry;
    this.handlers.ended(reason);
  }
}
