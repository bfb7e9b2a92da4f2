import { messageOf } from '../../support/errors.js';
import type { EventStream } from './event-stream.js';
import { Poller } from './poller.js';
import type { SweepSummaries } from './sweep-summaries.js';

/** The list of sweeps for all who watch it: one poll, and the whole list again when something in it changed. */
export class ListFeed {
  readonly #clients = new Set<EventStream>();
  readonly #poller: Poller;
  #last: string | undefined;
  #problem: string | null = null;

  /** `onIdle` is called when the last client has left. */
  constructor(
    private readonly summaries: SweepSummaries,
    interval: number,
    private readonly onIdle: () => void,
  ) {
    this.#poller = new Poller(interval, () => this.#poll());
  }

  add(client: EventStream): void {
    this.#clients.add(client);
    client.onClose(() => this.#remove(client));
    if (this.#last !== undefined) client.send('sweeps', this.#withClock(this.#last));
    if (this.#problem !== null) client.send('problem', JSON.stringify({ message: this.#problem }));
    this.#poller.start();
  }

  async close(): Promise<void> {
    for (const client of [...this.#clients]) client.end();
    await this.#poller.stop();
  }

  #remove(client: EventStream): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    void this.#poller.stop();
    this.onIdle();
  }

  async #poll(): Promise<void> {
    try {
      const sweeps = JSON.stringify(await this.summaries.list());
      if (sweeps !== this.#last) {
        this.#last = sweeps;
        for (const client of this.#clients) void this.#sendList(client);
      }
      this.#setProblem(null);
    } catch (error) {
      this.#setProblem(messageOf(error));
    }
  }

  /** A slow client gets the list as it is when it is ready for one, and not every list between. */
  async #sendList(client: EventStream): Promise<void> {
    const list = this.#last;
    if (client.congested) await client.drained();
    if (list === this.#last && list !== undefined) client.send('sweeps', this.#withClock(list));
  }

  #withClock(sweeps: string): string {
    return `{"sweeps":${sweeps},"now":${Date.now()}}`;
  }

  #setProblem(problem: string | null): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    for (const client of this.#clients) client.send('problem', JSON.stringify({ message: problem }));
  }
}
