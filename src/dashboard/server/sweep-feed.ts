import type { RevisedTrial, SweepStore } from '../../store/sweep-store.js';
import { messageOf } from '../../support/errors.js';
import type { EventStream } from './event-stream.js';
import { Poller } from './poller.js';
import { trialView, type SweepReader } from './views.js';

/** Trials in one event, at most: what a client that does not read may make us keep. */
const pageSize = 1000;

/**
 * Everything that happens to one sweep, for all who watch it: one poll of the store serves them all, and nobody is
 * polled for where nobody watches.
 *
 * A client first catches up from its own revision, at its own pace. It joins the shared poll where it has seen all
 * that the poll has, and leaves it again when it takes its events too slowly.
 */
export class SweepFeed {
  readonly #clients = new Set<EventStream>();
  /** Those that have everything up to `#head`, or more. */
  readonly #live = new Set<EventStream>();
  #head = 0;
  #sweep: string | undefined;
  #workers: string | undefined;
  #problem: string | null = null;
  readonly #poller: Poller;

  /** `onIdle` is called when the last client has left. */
  constructor(
    private readonly store: SweepStore,
    private readonly reader: SweepReader,
    private readonly sweepId: string,
    interval: number,
    private readonly onIdle: () => void,
  ) {
    this.#poller = new Poller(interval, () => this.#poll());
  }

  /** Sends what changed after `revision`, then what changes from now on. */
  add(client: EventStream, revision: number): void {
    this.#clients.add(client);
    client.onClose(() => this.#remove(client));
    this.#sendState(client);
    if (this.#problem !== null) client.send('problem', JSON.stringify({ message: this.#problem }));
    this.#poller.start();
    void this.#catchUp(client, revision, true);
  }

  async close(): Promise<void> {
    for (const client of [...this.#clients]) client.end();
    await this.#poller.stop();
  }

  #remove(client: EventStream): void {
    this.#live.delete(client);
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    void this.#poller.stop();
    this.onIdle();
  }

  async #catchUp(client: EventStream, revision: number, untrusted: boolean): Promise<void> {
    let cursor = revision;
    if (this.#sweep === undefined) await this.#nextGoodPoll(client);
    while (client.open) {
      await client.drained();
      let page: RevisedTrial[];
      try {
        if (untrusted && !(await this.#exists(cursor))) cursor = 0;
        untrusted = false;
        page = await this.store.changesSince(this.sweepId, cursor, pageSize);
      } catch {
        // The poll meets the same problem and tells of it; it also says when to go on.
        await this.#nextGoodPoll(client);
        continue;
      }
      cursor = sendTrials([client], page) ?? cursor;
      const complete = page.length < pageSize && (cursor >= this.#head || page.length === 0);
      if (complete && !client.congested) break;
    }
    if (!client.open) return;
    if (this.#live.size === 0) this.#head = cursor;
    this.#live.add(client);
    this.#sendState(client);
    client.send('ready', JSON.stringify({ now: Date.now() }));
  }

  /** Whether the sweep has come as far as this revision. One from another database may be ahead of all of ours. */
  async #exists(revision: number): Promise<boolean> {
    return revision === 0 || (await this.store.changesSince(this.sweepId, revision - 1, 1)).length > 0;
  }

  #sendState(client: EventStream): void {
    if (this.#sweep !== undefined) client.send('sweep', this.#sweep);
    if (this.#workers !== undefined) client.send('workers', this.#workers);
  }

  #waitingForPoll: (() => void)[] = [];
  async #nextGoodPoll(client: EventStream): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waitingForPoll.push(resolve);
      client.onClose(resolve);
    });
  }

  async #poll(): Promise<void> {
    try {
      await this.#pollState();
      await this.#pollTrials();
      this.#setProblem(null);
    } catch (error) {
      this.#setProblem(messageOf(error));
    }
  }

  async #pollState(): Promise<void> {
    const { sweep, workers } = await this.reader.state(this.sweepId);
    const sweepText = JSON.stringify(sweep);
    const workersText = JSON.stringify(workers);
    if (sweepText !== this.#sweep) this.#broadcast('sweep', (this.#sweep = sweepText));
    if (workersText !== this.#workers) this.#broadcast('workers', (this.#workers = workersText));
  }

  async #pollTrials(): Promise<void> {
    while (this.#live.size > 0) {
      const from = this.#head;
      const page = await this.store.changesSince(this.sweepId, from, pageSize);
      // Where all live clients were replaced meanwhile, `#head` is the new ones'; they see this page again, or not.
      this.#head = sendTrials(this.#live, page) ?? from;
      for (const client of this.#live) {
        if (!client.congested) continue;
        this.#live.delete(client);
        void this.#catchUp(client, this.#head, false);
      }
      if (page.length < pageSize) return;
    }
  }

  #broadcast(event: string, data: string): void {
    for (const client of this.#clients) if (!client.congested) client.send(event, data);
  }

  #setProblem(problem: string | null): void {
    if (problem === null) {
      const waiting = this.#waitingForPoll;
      this.#waitingForPoll = [];
      for (const resume of waiting) resume();
    }
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#broadcast('problem', JSON.stringify({ message: problem }));
  }
}

/** Sends a page to all of them, made into text once. Returns its last revision. */
function sendTrials(clients: Iterable<EventStream>, page: readonly RevisedTrial[]): number | undefined {
  const last = page.at(-1);
  if (!last) return undefined;
  const text = JSON.stringify(page.map(({ trial }) => trialView(trial)));
  for (const client of clients) client.send('trials', text, last.revision);
  return last.revision;
}
