import type { LiveEvents, SweepView, SweepWorker } from '../../api.js';
import type { ProgressAnswer } from '../../api/charts.js';
import { EventConnection, type ConnectionStatus } from './event-connection.js';
import { Observable } from './observable.js';

/** Where the server answers about a sweep. */
export function addressOf(sweepId: string): string {
  return `./api/v1/sweeps/${encodeURIComponent(sweepId)}`;
}

/** How one sweep stands, kept up to date by the server's events. What its trials say is asked for by the views. */
export class SweepModel extends Observable {
  sweep: SweepView | undefined;
  workers: readonly SweepWorker[] = [];
  /** Its revision is that of the newest answers; `undefined` before the first word of the server. */
  progress: ProgressAnswer | undefined;
  status: ConnectionStatus = { kind: 'connecting' };
  /** What keeps the server from reading its store. */
  problem: string | null = null;
  /** How far the server's clock is ahead of ours, in milliseconds. */
  clockOffset = 0;
  /** Where the server answers about the sweep. */
  readonly base: string;
  readonly #connection: EventConnection<LiveEvents>;

  constructor(sweepId: string) {
    super();
    this.base = addressOf(sweepId);
    this.#connection = new EventConnection<LiveEvents>({
      url: () => `${this.base}/live`,
      probeUrl: this.base,
      handlers: {
        sweep: (sweep) => this.#set(() => (this.sweep = sweep)),
        workers: (workers) => this.#set(() => (this.workers = workers)),
        progress: (progress) => this.#set(() => (this.progress = progress)),
        problem: ({ message }) => this.#set(() => (this.problem = message)),
        heartbeat: ({ now }) => (this.clockOffset = now - Date.now()),
      },
      onStatus: (status) => this.#set(() => (this.status = status)),
    });
  }

  /** The server's time. */
  now(): number {
    return Date.now() + this.clockOffset;
  }

  retry(): void {
    this.#connection.retry();
  }

  close(): void {
    this.#connection.close();
  }

  #set(change: () => void): void {
    change();
    this.changed();
  }
}
