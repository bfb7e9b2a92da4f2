import type { SweepStore } from '../../store/sweep-store.js';
import { messageOf } from '../../support/errors.js';
import { SweepContext } from './answers/context.js';
import { progress } from './answers/progress.js';
import type { EventStream } from './event-stream.js';
import { Poller } from './poller.js';
import type { Tables } from './table/tables.js';
import type { SweepReader } from './views.js';

/** In the order in which a new client gets them. */
const topics = ['sweep', 'workers', 'progress', 'problem'] as const;
type Topic = (typeof topics)[number];

/**
 * How one sweep stands, for all pages that show it: one poll of the store, and each thing again when it has changed.
 * `progress` carries the revision that answers about the sweep now have, so a page knows which of its views are old.
 * There is nothing to resume: what is sent is the whole as it is, and a slow client gets the last of it.
 */
export class LiveFeed {
  readonly #clients = new Set<EventStream>();
  readonly #last = new Map<Topic, string>();
  readonly #waiting = new Map<EventStream, Set<Topic>>();
  readonly #poller: Poller;
  #revision = 0;

  /** `onIdle` is called when the last client has left. */
  constructor(
    private readonly store: SweepStore,
    private readonly tables: Tables,
    private readonly reader: SweepReader,
    private readonly sweepId: string,
    interval: number,
    private readonly onIdle: () => void,
  ) {
    this.#poller = new Poller(interval, () => this.#poll());
  }

  add(client: EventStream): void {
    this.#clients.add(client);
    client.onClose(() => this.#remove(client));
    for (const topic of topics) if (this.#last.has(topic)) this.#send(client, topic);
    this.#poller.start();
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
    this.onIdle();
  }

  async #poll(): Promise<void> {
    try {
      const { record, sweep, workers } = await this.reader.state(this.sweepId);
      this.#tell('sweep', sweep);
      this.#tell('workers', workers);
      const table = await this.tables.fresh(record);
      this.#revision = table.revision;
      this.#tell('progress', progress(new SweepContext(record, table, this.store)));
      this.#tell('problem', { message: null });
    } catch (error) {
      this.#tell('problem', { message: messageOf(error) });
    }
  }

  #tell(topic: Topic, data: unknown): void {
    const text = JSON.stringify(data);
    if (text === this.#last.get(topic)) return;
    this.#last.set(topic, text);
    for (const client of this.#clients) this.#send(client, topic);
  }

  #send(client: EventStream, topic: Topic): void {
    const waiting = this.#waiting.get(client);
    if (waiting) waiting.add(topic);
    else if (client.congested) void this.#sendLater(client, topic);
    else client.send(topic, this.#last.get(topic) ?? '', topic === 'progress' ? this.#revision : undefined);
  }

  async #sendLater(client: EventStream, topic: Topic): Promise<void> {
    const waiting = new Set([topic]);
    this.#waiting.set(client, waiting);
    await client.drained();
    this.#waiting.delete(client);
    for (const topic of topics) if (waiting.has(topic)) this.#send(client, topic);
  }
}
