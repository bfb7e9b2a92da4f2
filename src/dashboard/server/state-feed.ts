import { messageOf } from '../../support/errors.js';
import type { EventStream } from './event-stream.js';
import { Poller } from './poller.js';

/** One thing that is told, as text. */
interface Told {
  readonly text: string;
  readonly id: number | undefined;
}

export interface StateFeedOptions {
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** Looks, and tells how things stand. What it throws is told as `problem`. */
  readonly look: (feed: StateFeed) => Promise<void>;
  /** What is added to a topic's data when it is sent, though it is no change. */
  readonly stamp?: (topic: string) => Readonly<Record<string, unknown>> | undefined;
  /** The last client has left. */
  readonly onIdle: () => void;
}

/**
 * How something stands, for all who watch it: one look for them all, and each topic again when it has changed. There is
 * nothing to resume: what is sent is the whole as it is, and a slow client gets the last of it.
 */
export class StateFeed {
  readonly #clients = new Set<EventStream>();
  /** In the order in which a new client gets them: that in which they were first told. */
  readonly #last = new Map<string, Told>();
  /** What changed while a client did not take anything. */
  readonly #waiting = new Map<EventStream, Set<string>>();
  readonly #poller: Poller;

  constructor(private readonly options: StateFeedOptions) {
    this.#poller = new Poller(options.interval, () => this.#look());
  }

  add(client: EventStream): void {
    this.#clients.add(client);
    client.onClose(() => this.#remove(client));
    for (const topic of this.#last.keys()) this.#send(client, topic);
    this.#poller.start();
  }

  /** Sends it to all where it is not what was told last. @param id what the client says when it comes back */
  tell(topic: string, data: object, id?: number): void {
    const text = JSON.stringify(data);
    if (text === this.#last.get(topic)?.text) return;
    this.#last.set(topic, { text, id });
    for (const client of this.#clients) this.#send(client, topic);
  }

  async close(): Promise<void> {
    for (const client of [...this.#clients]) client.end();
    await this.#poller.stop();
  }

  #remove(client: EventStream): void {
    this.#waiting.delete(client);
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    void this.#poller.stop();
    this.options.onIdle();
  }

  async #look(): Promise<void> {
    try {
      await this.options.look(this);
      this.tell('problem', { message: null });
    } catch (error) {
      this.tell('problem', { message: messageOf(error) });
    }
  }

  #send(client: EventStream, topic: string): void {
    const waiting = this.#waiting.get(client);
    if (waiting) waiting.add(topic);
    else if (client.congested) void this.#sendLater(client, topic);
    else {
      const { text = '{}', id } = this.#last.get(topic) ?? {};
      client.send(topic, stamped(text, this.options.stamp?.(topic)), id);
    }
  }

  async #sendLater(client: EventStream, topic: string): Promise<void> {
    const waiting = new Set([topic]);
    this.#waiting.set(client, waiting);
    await client.drained();
    this.#waiting.delete(client);
    for (const each of waiting) this.#send(client, each);
  }
}

function stamped(text: string, stamp: Readonly<Record<string, unknown>> | undefined): string {
  return stamp ? `${text.slice(0, -1)},${JSON.stringify(stamp).slice(1)}` : text;
}
