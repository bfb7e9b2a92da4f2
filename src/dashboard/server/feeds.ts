import type { Request, Response } from 'express';
import type { SweepStore } from '../../store/sweep-store.js';
import { EventStream } from './event-stream.js';
import { HttpError } from './http-error.js';
import { SweepContext } from './answers/context.js';
import { progress } from './answers/progress.js';
import { StateFeed } from './state-feed.js';
import { SweepFeed } from './sweep-feed.js';
import type { SweepSummaries } from './sweep-summaries.js';
import type { Tables } from './table/tables.js';
import type { SweepReader } from './views.js';

/** Clients that listen at once, at most. A browser tab is one. */
const maxClients = 100;
/** Summaries of all sweeps cost more than the changes of one. */
const listIntervalFactor = 3;
/** Of a sweep that is read for the first time a part is shown after so many milliseconds. */
const firstPatience = 30;

export interface FeedTimes {
  /** Milliseconds between two polls of the store. */
  readonly pollInterval: number;
  /** Milliseconds between two signs of life. */
  readonly heartbeatInterval: number;
}

export interface FeedSources {
  readonly store: SweepStore;
  readonly reader: SweepReader;
  readonly summaries: SweepSummaries;
  readonly tables: Tables;
}

/** The feeds that somebody listens to, each made by its first listener and gone with its last. */
export class Feeds {
  readonly #clients = new Set<EventStream>();
  readonly #sweeps = new Map<string, SweepFeed>();
  readonly #lives = new Map<string, StateFeed>();
  #list: StateFeed | undefined;

  constructor(
    private readonly sources: FeedSources,
    private readonly times: FeedTimes,
  ) {}

  list(request: Request, response: Response): void {
    const client = this.#open(request, response);
    this.#list ??= new StateFeed({
      interval: this.times.pollInterval * listIntervalFactor,
      look: async (feed) => feed.tell('sweeps', { sweeps: await this.sources.summaries.list() }),
      stamp: (topic) => (topic === 'sweeps' ? { now: Date.now() } : undefined),
      onIdle: () => (this.#list = undefined),
    });
    this.#list.add(client);
  }

  sweep(request: Request, response: Response, sweepId: string, after: number): void {
    const client = this.#open(request, response);
    let feed = this.#sweeps.get(sweepId);
    if (!feed) {
      const { sources, times } = this;
      const { store, reader } = sources;
      const onIdle = () => this.#sweeps.delete(sweepId);
      feed = new SweepFeed(store, reader, sweepId, times.pollInterval, onIdle);
      this.#sweeps.set(sweepId, feed);
    }
    feed.add(client, after);
  }

  live(request: Request, response: Response, sweepId: string): void {
    const client = this.#open(request, response);
    let feed = this.#lives.get(sweepId);
    if (!feed) {
      feed = new StateFeed({
        interval: this.times.pollInterval,
        look: (feed) => this.#lookAt(sweepId, feed),
        onIdle: () => this.#lives.delete(sweepId),
      });
      this.#lives.set(sweepId, feed);
    }
    feed.add(client);
  }

  /** Ends all streams; resolves when nothing polls the store any more. */
  async close(): Promise<void> {
    const list = this.#list ? [this.#list] : [];
    const feeds = [...this.#sweeps.values(), ...this.#lives.values(), ...list];
    await Promise.all(feeds.map((feed) => feed.close()));
  }

  /** How a sweep stands; `progress` carries the revision by which a page knows which of its views are old. */
  async #lookAt(sweepId: string, feed: StateFeed): Promise<void> {
    const { store, reader, tables } = this.sources;
    const { record, sweep, workers } = await reader.state(sweepId);
    feed.tell('sweep', sweep);
    feed.tell('workers', workers);
    const table = tables.of(record);
    for (let patience = firstPatience; ; patience *= 4) {
      await table.refresh(patience);
      const context = new SweepContext(record, table, store);
      const counts = table.isWhole ? undefined : await store.countTrials(sweepId);
      feed.tell('progress', progress(context, counts), table.revision);
      if (table.isWhole) return;
    }
  }

  #open(request: Request, response: Response): EventStream {
    if (this.#clients.size >= maxClients) {
      throw new HttpError(503, `${maxClients} clients listen already, which is the limit`);
    }
    const client = new EventStream(request, response, this.times.heartbeatInterval);
    this.#clients.add(client);
    client.onClose(() => this.#clients.delete(client));
    return client;
  }
}
